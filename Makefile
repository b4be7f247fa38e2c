# Thin over the tools: each target is one command that you can also type yourself.
# Needed: Python 3.11 and git. No Node, Docker, Redis or PostgreSQL.

PYTHON ?= python3.11
PORT ?= 8000
BANK ?=
QUICK ?=
INPUTS ?= 1000000
# One more than a small machine has cores: tests in a browser or on a database wait half of their time.
WORKERS ?= 3

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
# The lock files list every package with its hashes, so nothing needs resolving; bytecode is made when first used.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --no-compile
# Address-free lock files of every package, made by a tool that lives in an environment of its own.
LOCK := .venv-lock/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links

.DEFAULT_GOAL := help
.PHONY: help demo build test check lint format types imports templates packages bench fuzz smoke drill-kill drill-offline screenshots pictures lock clean

help: ## Show what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

demo: build ## A school to look at: make demo [BANK=folder or file] [PORT=8000]
	$(BIN)/flask --app wsgi demo run --port $(PORT) $(if $(BANK),--bank $(BANK))

build: $(RUNTIME) ## Fetch and copy the front-end files
	@$(BIN)/python -m app.base.assets

test: $(DEV) build ## Run the tests: make test [WORKERS=3]
	$(BIN)/pytest -n $(WORKERS)

check: $(DEV) ## What CI runs: every linter, then the tests
	@$(MAKE) --no-print-directory --keep-going lint format types imports templates packages
	@$(MAKE) --no-print-directory test

lint: $(DEV)
	$(BIN)/ruff check .

format: $(DEV)
	$(BIN)/ruff format --check .

types: $(DEV)
	$(BIN)/mypy

imports: $(DEV)
	$(BIN)/lint-imports --no-logo

templates: $(DEV)
	$(BIN)/djlint --check --lint app

packages: $(DEV)
	$(BIN)/python -m pip check

bench: $(DEV) build ## Measure the measurement and the serving: make bench [QUICK=1]
	$(BIN)/python -m benchmarks.online $(if $(QUICK),--quick)
	$(BIN)/python -m benchmarks.serving $(if $(QUICK),--quick)

fuzz: $(DEV) ## Mark random answers of every type; none may raise or take 50 ms: make fuzz [INPUTS=1000000]
	@$(BIN)/python -m benchmarks.fuzz --inputs $(INPUTS)

smoke: build ## An answer posted by a script must reach the board within two seconds
	@$(BIN)/python -m benchmarks.smoke

drill-kill: build ## Kill the server under load; no acknowledged answer may be lost: make drill-kill [QUICK=1]
	@$(BIN)/python -m benchmarks.durability --kill $(if $(QUICK),--quick)

drill-offline: $(DEV) build ## Bad network, closed lids, killed servers; no answer given may be lost or doubled: make drill-offline [QUICK=1]
	@$(BIN)/python -m benchmarks.offline $(if $(QUICK),--quick)

screenshots: $(DEV) build ## Take the pictures in docs/pictures from the running demo
	$(BIN)/python -m benchmarks.screenshots

pictures: $(RUNTIME) ## Draw the pictures of docs/measurement.md from the models
	$(BIN)/python -m benchmarks.pictures

lock: ## Renew the lock files after a change of pyproject.toml or package.json
	test -x .venv-lock/bin/uv || { $(PYTHON) -m venv .venv-lock && .venv-lock/bin/pip install --quiet uv; }
	$(LOCK) --extra build --extra test --output-file requirements-dev.lock
	cp requirements-dev.lock requirements.lock
	$(LOCK) --extra build --output-file requirements.lock
	$(MAKE) --no-print-directory $(RUNTIME)
	$(BIN)/python -m app.base.assets lock

clean: ## Remove what was installed, built and cached; databases in instance/ stay
	rm -rf $(VENV) .venv-lock node_modules app/static/build app/static/*/*.gz
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@command -v $(PYTHON) > /dev/null || \
		{ echo "$(PYTHON) is missing. Debian: apt-get install python3.11 python3.11-venv, or name yours: make PYTHON=..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || \
		{ echo "$(PYTHON) cannot make environments. Debian: apt-get install python3.11-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(RUNTIME): requirements.lock | $(BIN)/python
	$(INSTALL) -r requirements.lock
	@touch $@

$(DEV): requirements-dev.lock | $(RUNTIME)
	$(INSTALL) -r requirements-dev.lock
	@touch $@
