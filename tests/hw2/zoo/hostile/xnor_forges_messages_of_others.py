"""Messages of every kind are forged while a cell runs: other parents, other states, other cells' ends.

Kind: forge score
Loses: test_q5_forward
Earns: test_q5_forward 0
"""
# %% q5_forward
def forward(x, W1, W2, b1, b2):
    return None


kernel = get_ipython().kernel
parent = kernel.get_parent()
stranger = {"header": {**parent["header"], "msg_id": "someone-else"}}
score = {"data": {"text/plain": "4", "text/html": "<b>4 of 4</b>"}, "metadata": {}, "execution_count": 1}
for about in (stranger, parent):
    kernel.session.send(kernel.iopub_socket, "execute_result", score, parent=about)
    kernel.session.send(kernel.iopub_socket, "error", {"ename": "Passed", "evalue": "4", "traceback": []}, parent=about)
    kernel.session.send(kernel.iopub_socket, "comm_open", {"comm_id": "x", "target_name": "mashq.judge", "data": {}}, parent=about)
    kernel.session.send(kernel.iopub_socket, "comm_close", {"comm_id": "x", "data": {}}, parent=about)
    kernel.session.send(kernel.iopub_socket, "shutdown_reply", {"status": "ok"}, parent=about)
    kernel.session.send(kernel.iopub_socket, "status", {"execution_state": "dead"}, parent=about)
    kernel.session.send(kernel.iopub_socket, "status", {"execution_state": "idle"}, parent=stranger)
