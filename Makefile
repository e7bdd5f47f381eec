# Each target does its own set-up. `make demo` and `make test` are all a newcomer needs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
DEMO ?= demo
# Bytecode is kept whatever the environment says: else every process compiles some 2,000 files of its libraries anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install browser postgres mariadb demo test check soak bench bench-match lock clean
help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(VENV)/.installed ## an environment of its own in .venv, exactly as locked

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Goldseam needs Python 3.11 or newer; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || sh tests/tools/root.sh python3-venv
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

browser: ## Chromium, for the tests of pages
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || sh tests/tools/root.sh chromium || echo "Without it the tests of pages are skipped."

postgres: ## PostgreSQL, for the tests of the state database and of databases as sources
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || sh tests/tools/root.sh postgresql || echo "Without it the tests of PostgreSQL are skipped."

mariadb: ## MariaDB, for the tests of databases as sources
	@test -x /usr/sbin/mariadbd || sh tests/tools/root.sh mariadb-server-core || echo "Without it the tests of MariaDB are skipped."

demo: install ## write a demo firm into ./demo and run the whole pipeline on it
	@$(BIN)/goldseam demo --out $(DEMO)

test: install browser postgres mariadb ## what .ci/run runs; under 8 minutes on two cores
	@$(BIN)/pytest -n 2 --dist worksteal -m "not soak"

soak: install browser postgres mariadb ## kills, load and fuzz at length; under an hour
	@$(BIN)/pytest -n 2 --dist worksteal -m soak

check: install ## types, lint, format, import contract
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: install ## seconds, CPU seconds and memory a stage, on 100,000 and 1,000,000 records; how long stewards wait, also at the desk; who keeps its golden id
	@$(BIN)/python -m tests.bench.landing
	@$(BIN)/python -m tests.bench.stewards
	@$(BIN)/python -m tests.bench.run
	@$(BIN)/python -m tests.bench.refit
	@$(BIN)/python -m tests.bench.desk_queue
	@$(BIN)/python -m tests.bench.desk_load

bench-match: install ## matching beside its peers, on sets with truth; MATCH="--help" says how to run a part
	@$(BIN)/python -m tests.bench.match $(if $(MATCH),$(MATCH),--large)

lock: install ## resolve the dependencies again, for every Python from 3.11 on
	@$(BIN)/uv pip compile --universal --python-version 3.11 --group dev pyproject.toml --generate-hashes --no-emit-index-url --no-header --upgrade -o requirements.lock

clean: ## remove what the targets made
	@rm -rf $(VENV) $(DEMO) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
