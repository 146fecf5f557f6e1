# 责成 Zecheng: every command. `make` alone lists them.
#
# Needs python3 >= 3.11, make and git; everything else is fetched by `make setup` (tools/setup.py),
# inside the checkout where possible. A second `make setup` does nothing and takes no time.

PYTHON ?= python3
BIN    := .venv/bin
FLASK  := $(BIN)/flask --app wsgi
# what to test (a path or node id), and on how many processes: one for a part, all cores for everything
T      :=
N      := $(if $(T),0,auto)
# which benchmark; empty means all of them
B      :=
# the subject of a new migration
m      :=

.DEFAULT_GOAL := help
.PHONY: help setup run scheduler test coverage demo bench lint check fix migrate migration assets docs lock clean

help: ## list these commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /\1|/' | awk -F'|' '{printf "  make %-10s %s\n", $$1, $$2}'

# --------------------------------------------------------------------------- set-up

setup: .venv/.packages ## install everything that the other commands need, once

.venv/.packages: requirements.txt requirements-dev.txt tools/setup.py
	@$(PYTHON) tools/setup.py packages
	@touch $@

.venv/.system: tools/setup.py .venv/.packages
	@$(BIN)/python tools/setup.py system
	@touch $@

assets: setup ## build the pages' scripts and styles into web/static/build (only when their sources changed)
	@$(BIN)/python tools/build_assets.py
	@$(BIN)/python tools/catalogue.py compile

# --------------------------------------------------------------------------- run

run: assets ## serve pages, API and scheduler on http://127.0.0.1:8000 with the demo city
	@$(FLASK) serve

scheduler: setup ## run one more scheduler as a process of its own
	@$(BIN)/python -m scheduler

migrate: setup ## bring the database to the newest schema
	@$(BIN)/python tools/migration.py upgrade

demo: setup ## play one year of the demo city on the virtual clock; report in var/demo/
	@$(FLASK) simulate year

bench: setup ## run every benchmark, or one: make bench B=name
	@$(BIN)/python -m bench $(B)

# --------------------------------------------------------------------------- judge

test: assets .venv/.system ## run all tests, or some: make test T=tests/deadlines
	@$(BIN)/python -m pytest -n $(N) --dist worksteal $(T)

coverage: assets .venv/.system ## run all tests and show the branches that none of them takes
	@$(BIN)/python -m pytest -n $(N) --dist worksteal --cov --cov-report=term --cov-report=html:var/coverage $(T)

lint: setup ## format, lint, types, import contracts, whole files, catalogue complete
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy .
	@$(BIN)/lint-imports
	@$(BIN)/python tools/check_files.py
	@$(BIN)/python tools/catalogue.py check
	@$(BIN)/python tools/build_assets.py check

check: lint test ## all that must hold before a change is merged

fix: setup ## format, repair what the linter can repair, add new texts to the catalogues
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/python tools/catalogue.py update

# --------------------------------------------------------------------------- keep

migration: setup ## write a new migration from the tables: make migration m="add due_at to timer"
	@test -n "$(m)" || { echo 'Say what it does: make migration m="add due_at to timer"'; exit 2; }
	@$(BIN)/python tools/migration.py new "$(m)"
	@$(BIN)/ruff check --fix --quiet migrations && $(BIN)/ruff format --quiet migrations

docs: setup ## write docs/openapi.json from the routes
	@$(FLASK) openapi write docs/openapi.json

lock: setup ## compile the choices of pyproject.toml into pinned, hashed requirements
	@$(BIN)/python tools/lock.py

clean: ## remove everything that can be made again, but not var/
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis web/static/build web/frontend/node_modules
