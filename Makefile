# make help lists what there is. Everything installs itself into .venv from requirements*.lock.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
RUNTIME := $(VENV)/.runtime-installed
DEVELOPMENT := $(VENV)/.development-installed
WORKERS ?= 2
# Where the database decides: what takes in sales, moves money, keeps the trail, and whatever is done at once.
DECIDES = chain commissions integrations invoices jobs ledger payouts sales storage
PAGES = $(wildcard tests/rooms/*/test_*doors.py tests/rooms/*/test_query_budgets.py)
ON_POSTGRESQL = $(filter-out $(PAGES),$(foreach room,$(DECIDES),$(wildcard tests/rooms/$(room)/test_*.py)) \
	$(wildcard tests/rooms/*/test_at_once.py)) tests/journeys
export PYTHONHASHSEED ?= 0
# Tests start the program dozens of times: what Python compiled is kept, whatever the shell says.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test test-long bench check format lock clean

help:  ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

demo: $(RUNTIME)  ## run the portal with demo data; prints one URL (make demo PORT=8080)
	@$(BIN)/portal demo --port $(PORT)

test: $(DEVELOPMENT)  ## the suite on SQLite and PostgreSQL, without the long tests
	$(BIN)/python -m pytest -n $(WORKERS) -m "not long"
	PORTAL_TEST_DATABASE=postgresql $(BIN)/python -m pytest -n $(WORKERS) -m "not long and not browser" $(sort $(ON_POSTGRESQL))

test-long: $(DEVELOPMENT)  ## the other rooms and the pages on PostgreSQL, kill loops and thousands of payees
	PORTAL_TEST_DATABASE=postgresql $(BIN)/python -m pytest -n $(WORKERS) -m "not long and not browser" tests/rooms $(ON_POSTGRESQL:%=--ignore=%)
	$(BIN)/python -m pytest -m long
	PORTAL_TEST_DATABASE=postgresql $(BIN)/python -m pytest -m "long and not browser" tests/rooms tests/journeys

bench: $(DEVELOPMENT)  ## the benchmarks, as ratios, with the machine
	$(BIN)/portal bench

check: $(DEVELOPMENT)  ## format, lint, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(DEVELOPMENT)  ## format and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock:  ## renew the lock files (needs uv)
	uv pip compile pyproject.toml --universal --generate-hashes --no-emit-index-url --no-header -q --all-extras --group build -o requirements.lock
	uv pip compile pyproject.toml --universal --generate-hashes --no-emit-index-url --no-header -q --all-extras --group build --group dev -c requirements.lock -o requirements-dev.lock

clean:  ## remove what was installed and built here (the data in var/ stays)
	rm -rf $(VENV) .make static/vendor

$(VENV)/bin/python:
ifdef UV
	$(UV) venv -q --python $(PYTHON) $(VENV)
else
	$(PYTHON) -m venv $(VENV)
endif

$(RUNTIME): $(VENV)/bin/python requirements.lock pyproject.toml package-lock.json
ifdef UV
	$(UV) pip install -q --python $(BIN)/python --require-hashes -r requirements.lock
	$(UV) pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
else
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-compile --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
endif
	@touch $@

$(DEVELOPMENT): $(RUNTIME) requirements-dev.lock
ifdef UV
	$(UV) pip install -q --python $(BIN)/python --require-hashes -r requirements-dev.lock
else
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-compile --require-hashes -r requirements-dev.lock
endif
	@touch $@
