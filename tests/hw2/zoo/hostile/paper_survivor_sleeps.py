"""A detached process with a name of its own sleeps on; it closes everything that it inherited.

Kind: survive
Loses: test_q1_numbers
Earns: test_q1_numbers 0
"""
# %% q1_numbers
import subprocess

answers = {}
subprocess.Popen(["mashq-survivor", "600"], executable="/bin/sleep", start_new_session=True, close_fds=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
subprocess.run("nohup sh -c 'exec -a mashq-survivor sleep 600' >/dev/null 2>&1 &", shell=True)
