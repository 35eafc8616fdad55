# Every target makes what it needs. `make run` needs nothing but Python 3.11 or newer; PYTHON=… names another one.
PYTHON ?= python3
BIN := .venv/bin
PACKAGES := placet accounts agents files reviews inbox runs webhooks compat
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help run demo setup test test-fast e2e bench chaos lint types format openapi screenshots services clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/.run ## serve Placet on 127.0.0.1:8000 (PLACET_PORT)
	@exec $(BIN)/python manage.py serve

# Nobody pings for the demo's agents: they may be silent for a week.
demo: export PLACET_DATA_DIR := var/demo
demo: export PLACET_OFFLINE_AFTER_SECONDS := 604800
demo: .venv/.run ## serve a lively demo from var/demo (PLACET_PORT)
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py demo
	@exec $(BIN)/python manage.py serve

setup: .venv/.dev ## what development needs, in .venv

test: .venv/.dev ## every test this machine can run; the last lines name what it could not
	@$(BIN)/python -m tests.run

test-fast: .venv/.dev ## no processes, no browser, no races
	@$(BIN)/python -m pytest -q -m "not e2e and not processes and not race"

e2e: .venv/.dev ## the browser tests alone
	@$(BIN)/python -m pytest -q -m e2e

bench: .venv/.dev ## measure, and print each figure beside its goal
	@$(BIN)/python -m bench.run

chaos: .venv/.dev ## kill processes while a thousand reviews are posted, responded and delivered
	@$(BIN)/python -m scripts.chaos

lint: .venv/.dev ## ruff, djhtml, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djhtml --check --tabwidth 2 templates
	$(BIN)/lint-imports

types: .venv/.dev ## mypy, strict
	$(BIN)/mypy $(PACKAGES) tests scripts

format: .venv/.dev ## let ruff and djhtml write
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djhtml --tabwidth 2 templates

openapi: .venv/.dev ## write docs/openapi.yaml anew
	$(BIN)/python manage.py spectacular --file docs/openapi.yaml --validate --fail-on-warn

screenshots: .venv/.dev ## every page, desktop and phone, light and dark, into screenshots/
	@$(BIN)/python -m scripts.screenshots

services: ## throw-away PostgreSQL and Redis on their usual ports, where none answers
	@scripts/services.sh

clean: ## forget caches and the virtual environment; var/ stays
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage htmlcov

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit(f"Placet needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}. Say PYTHON=python3.12, for instance.")'
	$(PYTHON) -m venv .venv

.venv/.run: requirements.txt | .venv/bin/python
	$(BIN)/pip install --quiet -r requirements.txt
	@touch $@

.venv/.dev: requirements-dev.txt requirements.txt | .venv/bin/python
	$(BIN)/pip install --quiet -r requirements-dev.txt
	@touch $@ .venv/.run
