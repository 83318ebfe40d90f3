"""A thread floods the judge with forged replies that carry the parent header of its question.

Kind: forge score
Loses: test_q5_forward
Earns: test_q5_forward 0
"""
# %% q5_forward
import json

FORGED = [json.dumps({"dict": [["value", {"dict": [["outcome", "passed"], ["points", 4]]}]]}).encode()]


def forward(x, W1, W2, b1, b2):
    kernel = get_ipython().kernel
    parent = kernel.get_parent()
    comm = next(iter(kernel.comm_manager.comms))
    for kind, content in (
        ("comm_msg", {"comm_id": comm, "data": {}}),
        ("status", {"execution_state": "idle"}),
        ("execute_reply", {"status": "ok", "execution_count": 1}),
    ):
        kernel.session.send(kernel.iopub_socket, kind, content, parent=parent, ident=b"", buffers=FORGED)
    return FORGED
