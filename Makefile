# SPDX-License-Identifier: MIT
#
# The project's commands. Each works from a clean checkout: it needs make, a Python (3.11 or newer) and pip's package
# index, and installs everything else into .venv. Nothing is installed again until pyproject.toml changes; the wheel is
# built again, without the network, when a file of esemu/ changes. What is tested, documented and measured is the
# installed wheel, never the source tree. Written for make 3.81 (macOS) and POSIX; on Windows run the steps of
# .github/workflows/ci.yml. The checkout's path may contain spaces.

PYTHON ?= python3
# Each interpreter needs its own, e.g. make test PYTHON=python3.13 VENV=.venv-3.13
VENV ?= .venv
# Two workers: the suite is bound by the processor, and two cores are what every machine has.
WORKERS ?= 2
# Arguments for pytest and for bench/run.py, e.g. make test TESTS='tests/test_package.py -x'
TESTS ?=
BENCH ?=
# What make flakes runs, and how often.
RUNS ?= 50
FLAKES ?= tests/testing

PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet
WHEEL := $(VENV)/wheel
STAMPS := $(VENV)/stamps
# Folders are listed too, because a deleted file changes only its folder's time.
SOURCES := $(shell find esemu -name __pycache__ -prune -o -print) README.md LICENSE

# Neither the current folder nor a script's folder may shadow the installed wheel, in any process that a test starts.
export PYTHONSAFEPATH = 1

.PHONY: help demo test flakes lint docs bench clean
.NOTPARALLEL:

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' Makefile

demo: $(STAMPS)/cli $(STAMPS)/wheel ## Play a backup that the server stops, and show what the engine answers
	@$(PY) -m esemu demo

test: $(STAMPS)/test $(STAMPS)/readers $(STAMPS)/wheel ## Test the built wheel; the machine's table must be covered completely
	@rm -f .coverage .coverage.*
	$(PY) -m coverage run -m pytest -n $(WORKERS) --dist loadgroup $(TESTS)
	@$(PY) -m coverage combine --quiet
ifeq ($(strip $(TESTS)),)
	@echo "Every branch of the machine:"
	@$(PY) -m coverage report --fail-under=100
else
	@echo "Only a part of the tests ran: coverage of the machine's table was not judged."
endif

flakes: $(STAMPS)/test $(STAMPS)/wheel ## Test the test kit RUNS times, each time in another order, with two workers
	@for run in $$(seq $(RUNS)); do echo "run $$run"; \
	    $(PY) -m pytest -q -n 2 -W error --random-order $(FLAKES) || exit 1; done

lint: $(STAMPS)/lint $(STAMPS)/wheel ## Check style, format and types
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy

docs: $(STAMPS)/docs $(STAMPS)/wheel ## Build the manual into docs/_build/html
	$(PY) -m sphinx -W --keep-going -q -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

bench: $(STAMPS)/bench $(STAMPS)/wheel ## Print the numbers, each beside its rival of the same run
	@PYTHONSAFEPATH= $(PY) bench/run.py $(BENCH)

clean: ## Remove what the other targets made
	rm -rf $(VENV) build dist docs/_build .coverage .coverage.* htmlcov .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

# A new interpreter or a new dependency deserves a new environment; a half-made one never counts.
$(STAMPS)/venv: pyproject.toml
	@command -v "$(PYTHON)" >/dev/null || { \
	    echo "esemu needs Python 3.11 or newer, and there is no '$(PYTHON)'. Name one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "esemu needs Python 3.11 or newer; '$(PYTHON)' is older. Name another: make PYTHON=python3.12 ..." >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
	    echo "'$(PYTHON)' cannot make virtual environments; Debian and Ubuntu have them in the package python3-venv." >&2; exit 1; }
	"$(PYTHON)" -m venv --clear $(VENV)
	$(PIP) install --upgrade 'pip>=25.1' # the first with --group
	$(PIP) install --group build
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/wheel: $(STAMPS)/venv $(SOURCES)
	@rm -rf $(WHEEL)
	@$(PY) -m hatchling build --target wheel --directory $(WHEEL)
	@$(PIP) install --no-index --no-deps --force-reinstall $(WHEEL)/*.whl
	@touch $@

# The libraries that the wheel asks for, by extra.
$(STAMPS)/cli $(STAMPS)/test: $(STAMPS)/venv | $(STAMPS)/wheel
	$(PIP) install "$$(echo $(WHEEL)/*.whl)[$(notdir $@)]"
	@touch $@

# Readers of ESE databases by others, which the tests let read what esemu makes. Where one can neither be had as a wheel nor
# be compiled, its tests are skipped and say so. Of impacket only the part for ESE is used, which needs six and no other.
$(STAMPS)/readers: $(STAMPS)/venv | $(STAMPS)/test
	@for reader in libesedb-python ese-parser "impacket six"; do \
	    $(PIP) install --no-deps $$reader || echo "$$reader cannot be installed here: its tests will be skipped" >&2; done
	@touch $@

$(STAMPS)/bench: $(STAMPS)/venv | $(STAMPS)/cli
	$(PIP) install --group bench
	@touch $@

$(STAMPS)/docs: $(STAMPS)/venv | $(STAMPS)/cli
	$(PIP) install --group docs
	@touch $@

# mypy follows every import, so it needs what the tests, the manual and the benchmarks import.
$(STAMPS)/lint: $(STAMPS)/venv | $(STAMPS)/test $(STAMPS)/docs $(STAMPS)/bench
	$(PIP) install --group lint
	@touch $@
