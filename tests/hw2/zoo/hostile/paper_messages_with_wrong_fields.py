"""Outputs are forged with fields of wrong kinds: text that is a number, a traceback that is none, no name.

Kind: forge score
Loses: test_q1_numbers
Earns: test_q1_numbers 0
"""
# %% q1_numbers
answers = {}
kernel = get_ipython().kernel


def forge(kind, **content):
    kernel.send_response(kernel.iopub_socket, kind, content)
# %% after q1_numbers
forge("stream", name="stdout", text=5)
# %% after q1_numbers
forge("error", ename=5, evalue=[], traceback=7)
# %% after q1_numbers
forge("stream", name=None, text="x")
# %% after q1_numbers
forge("execute_input", code="", execution_count={"a": [1]})
# %% after q1_numbers
forge("display_data", data=[], metadata=5, transient={"display_id": []})
# %% after q1_numbers
forge(5, a=1)
