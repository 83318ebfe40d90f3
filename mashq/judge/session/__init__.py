"""A student's notebook while it runs: its cells in order, and the judge's questions between them.

notebook       `NotebookSession`: which cell runs next, and what runs again after a kernel died
kernel         where a kernel starts, gets the judge's agent, and is shut down
harmless       what runs in a kernel so that a cell's slip does not cost the cells behind it
conversation   one cell or one question put to a kernel, and how long the judge waits for it
output         what is kept of a cell's output
clock          how long the work took, and whether it sleeps
stops          which cells stopped with an error, where, and what that led to
causes         which of them cost points
"""

from mashq.judge.session.notebook import NotebookSession

__all__ = ["NotebookSession"]
