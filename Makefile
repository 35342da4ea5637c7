# Needs only CPython >= 3.11 with pip, make and git.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK := requirements-dev.lock
# The content, not the date: changing branches to and fro sets nothing up again.
READY := $(VENV)/.ready-$(shell cat $(LOCK) pyproject.toml shims/pyproject.toml | cksum | cut -d ' ' -f 1)
BOOTSTRAP := editables|hatchling|packaging|pathspec|pluggy|setuptools|trove-classifiers|uv|wheel
PIP := $(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check install --quiet --no-deps
UV := $(BIN)/uv pip
INTO := --quiet --python $(BIN)/python --no-build-isolation
COMPILE := $(UV) compile --quiet --no-emit-package weir --universal --python-version 3.11 --generate-hashes --no-header \
  --no-annotate $(UPGRADE) pyproject.toml

SIDE_BY_SIDE := $(BIN)/pytest --numprocesses=2 --dist=worksteal
FAST := tests/unit tests/contract tests/docs
OTHERS := tests README.md docs $(addprefix --ignore=,$(FAST))

# Where it is set, each of some hundred processes would compile Weir anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup run run-all run-kafka ui screenshots test test-all test-fast coverage check lock clean bench

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' Makefile

setup: $(READY) ## the environment in .venv, from the lock

$(READY): $(LOCK) pyproject.toml shims/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "make: $(PYTHON) is not Python 3.11 or newer; name one that is: make PYTHON=python3.12"; exit 2; }
	@rm -f $(VENV)/.ready-*
	@test -x $(BIN)/python || { echo "==> a virtual environment: $(VENV)"; \
	  $(PYTHON) -m venv --clear --without-pip $(VENV); }
	@echo "==> uv and the build tools, from $(LOCK)"
	@awk '/^[a-z]/ {keep = /^($(BOOTSTRAP))==/} keep' $(LOCK) > $(VENV)/bootstrap.lock
	@$(PIP) --require-hashes -r $(VENV)/bootstrap.lock
	@echo "==> all packages, from $(LOCK) (Spark alone is 450 MB: the first time takes a minute or more)"
	@# uv does not read pip's settings: where only pip knows the way to an index, pip installs.
	@$(UV) sync $(INTO) --require-hashes --compile-bytecode $(LOCK) || { \
	  echo "==> uv failed; once more with pip"; $(PIP) --require-hashes --no-build-isolation -r $(LOCK); }
	@echo "==> the project, editable"
	@$(UV) install $(INTO) --offline --no-deps --editable shims --editable .
	@touch $@

run: setup ## let sample data arrive and update every table
	$(BIN)/python -m simulator --out .weir/landing --arrive
	$(BIN)/weir run monolito

test: coverage ## what CI runs, by two workers with a Spark each; the tests of the page need: apt install chromium
	$(SIDE_BY_SIDE) $(OTHERS) -m "not long"

test-all: setup ## all tests, also the long ones: before a release, and each night
	$(SIDE_BY_SIDE)

test-fast: setup ## all tests that need no Spark: a minute
	$(SIDE_BY_SIDE) $(FAST)

coverage: setup ## the same, and the branches that they take of the packages without Spark
	$(SIDE_BY_SIDE) $(FAST) --cov --cov-report=term:skip-covered

run-all: setup ## the same for every pipeline of the bundle
	$(BIN)/python -m simulator --out .weir/landing --arrive
	$(BIN)/weir run --all

ui: setup ## open the page of all pipelines in the browser
	$(BIN)/weir ui

screenshots: setup ## the pictures of the page in README and docs, by Chromium
	$(BIN)/python -m bench.screenshots

run-kafka: setup ## the same, through a Kafka broker of its own
	$(BIN)/python -m simulator.kafka .weir/kafka

check: setup ## lint, format, types, layers
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/basedpyright
	$(BIN)/lint-imports

bench: setup ## measure
	$(BIN)/python -m bench
	$(BIN)/python -m bench.page
	$(BIN)/python -m bench.quick

lock: setup ## resolve the locks anew (make lock UPGRADE=--upgrade: to the newest versions)
	$(COMPILE) --output-file requirements.lock
	$(COMPILE) --group dev --output-file $(LOCK)

clean: ## remove the data (.weir), not the environment
	rm -rf .weir
