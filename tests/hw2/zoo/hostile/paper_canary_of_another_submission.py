"""Goes to the folder of another submission by guessing where submissions lie.

Kind: read others
Loses: test_q1_numbers
Earns: test_q1_numbers 0
"""
# %% q1_numbers
import glob
import os

answers = {}
above = ["../" * n for n in range(1, 10)] + ["/", "/work/", "/home/", "/root/", "/tmp/", "/srv/", os.path.expanduser("~/")]
below = ["canary.txt", "*/canary.txt", "submitted/*/hw2/*", "autograded/*/hw2/*", "feedback/*/hw2/*", "*/submitted/*/hw2/*", "*/*/submitted/*/hw2/canary.txt", "*/*/canary.txt", "*/*/*/canary.txt"]
for start in above:
    for pattern in below:
        for path in glob.iglob(start + pattern):
            try:
                print("LEAKED", path, open(path, "rb").read(60))
            except OSError:
                pass
