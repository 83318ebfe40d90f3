"""Ships modules and settings beside the notebook that Python, IPython, pytest and Matplotlib might take for theirs.

Kind: forge score
Loses: test_q1_numbers
Earns: test_q1_numbers 0
"""
# %% q1_numbers
answers = {}
# %% file numpy.py
raise SystemExit("LEAKED numpy")
# %% file json.py
raise SystemExit("LEAKED json")
# %% file comm.py
raise SystemExit("LEAKED comm")
# %% file sitecustomize.py
print("LEAKED sitecustomize")
# %% file usercustomize.py
print("LEAKED usercustomize")
# %% file conftest.py
import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    report.outcome = "passed"
    return report
# %% file pytest.ini
[pytest]
addopts = --collect-only
# %% file test_q1_paper.py
def test_nothing():
    pass
# %% file ipython_config.py
c.InteractiveShellApp.exec_lines = ["answers = 5"]
# %% file matplotlibrc
backend: module://conftest
# %% file mashq/__init__.py
print("LEAKED mashq")
# %% file nbgrader_config.py
c.JudgeExecute.isolation = "none"
