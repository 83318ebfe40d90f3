"""What runs inside the outer wall: a warm process that has imported much, and the kernels that it forks.

Started by `mashq.sandbox.sandbox` as `python -m mashq.sandbox.inside`. It imports little of mashq, and
nothing of the judge. The warm process runs no student code itself. A forked kernel has the imports ready,
confines itself (inner wall) and never comes back; the warm process passes signals on to it, watches what it
uses, and cleans up behind it. All that the warm process says to the grader is JSON over one socket. A
submission's files and key go straight to the fork: the warm process must not know them, as later forks have
a copy of its memory.

The warm process is the first process of its process namespace: signals from in there do not kill or stop it,
it inherits the processes whose parents are gone, and when it ends, Linux ends all others in there at once.
"""
