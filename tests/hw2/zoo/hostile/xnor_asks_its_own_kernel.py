"""A client on the kernel's own channels sends it orders, and broken frames go out to whoever listens.

Kind: network
Loses: test_q5_forward
Earns: test_q5_forward 0
"""
# %% q5_forward
import glob

import zmq

kernel = get_ipython().kernel
context = zmq.Context()
for name in [*glob.glob("kernel-*"), *glob.glob("/tmp/mashq-kernel-*/k-*")]:
    sock = context.socket(zmq.DEALER)
    sock.linger = 0
    sock.connect(f"ipc://{name}")
    kernel.session.send(sock, "execute_request", {"code": "print('LEAKED')", "silent": False})
    kernel.session.send(sock, "shutdown_request", {"restart": False})
    if sock.poll(200):
        print("LEAKED", sock.recv())
    sock.close()
for frame in (b"", b"<IDS|MSG>", b"x" * 100):
    kernel.iopub_socket.send_multipart([frame] * 5)
