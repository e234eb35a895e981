# Three commands for a newcomer: `make demo`, `make check` and `make test`. Each makes .venv and installs what it needs.
# CI runs `make test-all`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CONSTRAINTS := constraints.txt
# Three files of tests at a time, for each waits for engines and browsers a third of its time; one where they all write to
# the same server.
WORKERS := $(if $(MRI_TEST_NEO4J),0,3)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
EXTRAS := demo,docs,gguf,peft,py2neo,ray,split,umap,dev
PURE := not engine and not model and not browser and not slow

# Each of the workers counts with one thread. With as many threads as cores each, they wait for one another's: layers as small
# as those of tests then take up to ten times as long. Tests of threads ask for the number that they test.
check test test-all coverage pure: export OMP_NUM_THREADS := 1
check test test-all coverage pure: export OMP_WAIT_POLICY := passive
check test test-all coverage pure: export OPENBLAS_THREAD_TIMEOUT := 4

# Each worker, and each command that a test starts, would compile all modules again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo check test test-all test-lowest test-python coverage lint docs clean

demo: $(VENV)/demo
	@$(BIN)/mri demo

# Lint, types and the tests of pure functions, but for UMAP's: what to run before every commit.
check: lint
	$(BIN)/python -m pytest -q -n 2 --dist worksteal -m '$(PURE) and not compiles'

# Real engines, models and a browser, module by module, the longest first; without what is marked slow: the exhaustive, and what has to wait.
# The engines' Java compiles quickly and not well, which an engine of minutes gains by; CI's demo has the embedded engine's own options.
test test-all: export MRI_TEST_QUICK := 1
test: $(VENV)/dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m 'not slow and not compiles'

test-all: $(VENV)/dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# What the tests of pure functions run through, line by line; engines, models and the page are not among them.
coverage: $(VENV)/dev
	$(BIN)/python -m pytest -q -n 2 -m '$(PURE)' --cov --cov-report=term:skip-covered

# The pure tests with the oldest versions of what pyproject.toml asks for, of which newer Pythons have no wheels.
test-lowest:
	$(MAKE) --no-print-directory pure VENV=.venv-lowest CONSTRAINTS=constraints-lowest.txt PYTHON=python3.11

# The pure tests on another Python: make test-python PYTHON=python3.13. Where it is missing, that is all that is said.
test-python:
	@if $(PYTHON) -c '' 2>/dev/null; then \
		$(MAKE) --no-print-directory pure VENV=.venv-$(notdir $(PYTHON)) PYTHON=$(PYTHON); \
	else echo "$(PYTHON) IS NOT TESTED: it is not installed here"; fi

.PHONY: pure
pure: $(VENV)/dev
	@$(BIN)/python --version
	$(BIN)/python -m pytest -q -n 2 --dist worksteal -m '$(PURE)'

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The documentation as a site, site/index.html, which can be opened as a file; it fails where a link leads nowhere.
docs: $(VENV)/dev
	$(BIN)/python -m docs.build

clean:
	rm -rf $(VENV) .venv-* build dist site *.egg-info

$(VENV)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.12 demo" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/demo: $(VENV)/python pyproject.toml $(CONSTRAINTS)
	@echo "Installing into $(VENV): a few minutes the first time, mostly PyTorch" >&2
	$(PIP) install -c $(CONSTRAINTS) -e '.[demo]'
	@touch $@

$(VENV)/dev: $(VENV)/demo
	$(PIP) install -c $(CONSTRAINTS) -e '.[$(EXTRAS)]'
	@touch $@
