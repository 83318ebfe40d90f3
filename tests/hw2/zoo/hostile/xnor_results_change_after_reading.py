"""forward() gives memory that a thread goes on writing to, through a memoryview and a strided view.

Kind: deceive questions
Loses: test_q5_forward
Earns: test_q5_forward 0
"""
# %% q5_forward
import threading

memory = bytearray(8)
result = np.frombuffer(memory, dtype=float).reshape(1, 1)
endless = np.lib.stride_tricks.as_strided(result, shape=(1, 1), strides=(0, 0))
stop = threading.Event()


def write():
    value = 0.0
    while not stop.wait(1e-4):
        value = (value + 0.001) % 1
        memoryview(memory).cast("d")[0] = value


threading.Thread(target=write, daemon=True).start()


def forward(x, W1, W2, b1, b2):
    return endless
# %% after test_q5_forward
stop.set()
