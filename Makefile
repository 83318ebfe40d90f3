# The two commands of the README are `make demo` and `make test`; each sets up all that it needs.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# two processes; tests/conftest.py says what begins first
PARALLEL := -n 2 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help install demo test quick test-long test-corpus test-hub test-all test-more coverage coverage-all lint format release seeds audit docs dist clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

$(VENV)/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "mashq needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@echo "Installing (several GB: PyTorch and TensorFlow; some minutes) ..."
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	@touch $@

install: $(VENV)/.installed ## make the virtual environment with everything in it

demo: install ## release hw2, grade a small class in parallel, print the grades, write feedback and report
	$(BIN)/mashq demo

test: lint ## lint, then all tests but the long and the slow ones
	$(BIN)/python -m pytest $(PARALLEL)

quick: install ## tests that start no process, in under a minute
	$(BIN)/python -m pytest $(PARALLEL) -m "quick and not process and not slow and not long" --hypothesis-profile=quick

test-long: install ## the tests that are too long for `make test`
	$(BIN)/python -m pytest $(PARALLEL) -m "long and not slow"

test-corpus: install ## small courses of plain nbgrader, graded by nbgrader and by mashq, cell by cell
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m slow tests/grading/corpus

test-hub: install ## a class on a real JupyterHub, in a browser; as root, because it makes accounts and removes them
	$(BIN)/python -m pytest -m slow tests/hub

test-all: lint ## lint, then all tests
	$(BIN)/python -m pytest -m "slow or not slow"

test-more: install ## the slow test to run before a release: the built package, installed without its source
	$(BIN)/python -m pytest -m slow tests/release/test_dist.py

# without the tests that look at the clock: measuring makes Python half as fast
coverage: install ## what share of mashq the quick tests run; a share below the floor in pyproject.toml is an error
	rm -f .coverage .coverage.*
	$(BIN)/coverage run -m pytest -q $(PARALLEL) -m "quick and not process and not slow and not long" -k "not in_seconds"
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

coverage-all: install ## the same for all tests of `make test`, with the processes that they start
	rm -f .coverage .coverage.*
	$(BIN)/coverage run -m pytest -q $(PARALLEL)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --fail-under=0

lint: install ## ruff, mypy, imports against the plan of the package, and codespell
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/codespell

format: install ## put the code into the house format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

release: install ## make release/hw2 and solutions/hw2 anew from source/hw2
	$(BIN)/mashq release hw2

seeds: install ## grade the reference with 20 other global seeds and print what it earns
	$(BIN)/python bench/seeds.py

audit: install ## grade known right, wrong and hostile answers; fails when one is graded otherwise than it must be
	$(BIN)/mashq audit hw2 $(AUDIT)

docs: install ## build the documentation as a site, docs/_build/html; a dead link is an error
	$(BIN)/sphinx-build -W --keep-going -q docs docs/_build/html
	@echo "docs/_build/html/index.html"

dist: install ## build the source archive and the wheel, in dist/
	rm -rf dist
	$(BIN)/python -m build

clean: ## remove the virtual environment, caches and the demo
	rm -rf $(VENV) demo dist docs/_build .coverage* .pytest_cache .mypy_cache .ruff_cache
