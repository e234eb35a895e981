# Three commands for a newcomer: `make demo`, `make check` and `make test`. Each makes .venv and installs what it needs.
# CI runs `make test-all`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Two files of tests at a time; one where they all write to the same server.
WORKERS := $(if $(MRI_TEST_NEO4J),0,2)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
EXTRAS := demo,gguf,py2neo,umap,dev
PURE := not engine and not model and not browser and not slow

.PHONY: demo check test test-all lint clean

demo: $(VENV)/demo
	@$(BIN)/mri demo

# Lint, types and the tests of pure functions: what to run before every commit.
check: lint
	$(BIN)/python -m pytest -q -n 2 --dist worksteal -m '$(PURE)'

# Real engines, models and a browser; without what is marked slow: the exhaustive, and what has to wait.
test: $(VENV)/dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m 'not slow'

test-all: $(VENV)/dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

clean:
	rm -rf $(VENV) build dist *.egg-info

$(VENV)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.12 demo" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/demo: $(VENV)/python pyproject.toml constraints.txt
	@echo "Installing into $(VENV): a few minutes the first time, mostly PyTorch" >&2
	$(PIP) install -c constraints.txt -e '.[demo]'
	@touch $@

$(VENV)/dev: $(VENV)/demo
	$(PIP) install -c constraints.txt -e '.[$(EXTRAS)]'
	@touch $@
