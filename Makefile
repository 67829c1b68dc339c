# Everything that a newcomer types. ARGS passes arguments on: make demo ARGS=--no-serve
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
PACKAGES := exchange_schemas adapters publisher hub
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt
ARGS ?=
# What `check` tests, so that `test` needn't once more.
CHECKED := tests/test_architecture.py tests/test_repository.py tests/test_translations.py

.PHONY: demo test check bench prove lint-fix clean
.DEFAULT_GOAL := demo

demo: $(VENV)/.runtime ## the whole main job on the sample feeds, then the portal
	@$(BIN)/hub --site ./site demo $(ARGS)

test: $(VENV)/.development ## servers of its own, the checks, every test
	@$(BIN)/python -m tests.services $(MAKE) --no-print-directory check whole-suite

.PHONY: whole-suite
whole-suite:
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile \
		--no-loadscope-reorder $(CHECKED:%=--ignore=%) $(ARGS)

check: $(VENV)/.development ## style, types, and the directions of the house
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check --quiet || { echo "make lint-fix puts these files into shape:"; \
		$(BIN)/ruff format --check; exit 1; }
	@$(BIN)/mypy
	@$(BIN)/python -m pytest --quiet $(CHECKED)

bench: $(VENV)/.development ## speed and memory, side by side with the limits
	@$(BIN)/python -m tests.services --on-disk $(BIN)/python -m tests.bench $(ARGS)

prove: $(VENV)/.development ## the proofs that take minutes
	@$(BIN)/python -m tests.services $(BIN)/python -m pytest -m slow $(ARGS)

lint-fix: $(VENV)/.development
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/pyvenv.cfg:
	@test -n "$(PYTHON)" || { echo "Python 3.11 is missing: apt-get install python3"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed, and this is $$($(PYTHON) --version)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python's venv is missing: apt-get install python3-venv"; exit 1; }
	@echo "Creating $(VENV)"
	@$(PYTHON) -m venv $(VENV)

# setuptools comes from the constraints too, so nothing is built with a version that nobody chose.
$(VENV)/.runtime: $(VENV)/pyvenv.cfg setup.py constraints.txt
	@echo "Installing the project and its pinned dependencies into $(VENV)"
	@$(PIP) setuptools
	@$(PIP) --no-build-isolation --editable .
	@touch $@

$(VENV)/.development: $(VENV)/.runtime
	@echo "Installing the tools for development into $(VENV)"
	@$(PIP) --no-build-isolation --editable '.[dev]'
	@touch $@
