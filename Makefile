# Everything here works in a fresh clone with Python 3.11 or newer, git and make; `setup` brings the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SPEC ?= stacks/environments/local.yaml
ARGS ?=
FULL_REFRESH ?=
SOURCES := infra policies stacks tests workloads .ci/comment .ci/deployed

.DEFAULT_GOAL := help
.PHONY: help setup engine spark up destroy test lint imports types pytest bench checkov format lock wheels clean

help: ## print these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## bring all packages into .venv, by the hashes in the locks; quick when nothing changed
	@PYTHON="$(PYTHON)" sh .ci/setup

engine: setup ## bring the Pulumi CLI, if none is installed
	@$(BIN)/lakeplane engine install

spark: setup ## bring Java, Delta's JARs and an archive of Spark's classes, once
	@$(BIN)/lakeplane local prepare

up: setup ## run the main job on the local target (FULL_REFRESH=1 reads all data again)
	@$(BIN)/lakeplane up $(SPEC) --target local --run $(if $(FULL_REFRESH),--full-refresh) $(ARGS)

destroy: setup ## remove what `make up` made, with proof
	@$(BIN)/lakeplane destroy $(SPEC) --target local

test: lint imports types pytest ## lint, import direction, strict types, then all tests

lint: setup ## check style and layout
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/ruff format --check $(SOURCES)

imports: setup ## check that imports go one way
	@$(BIN)/lint-imports --no-logo

types: setup ## check types, strictly
	@$(BIN)/mypy

pytest: engine spark ## run the tests alone (ARGS="-k name" for some of them, ARGS="-m slow" for the long ones)
	@$(BIN)/python -m pytest -m "not slow" $(ARGS)

bench: setup ## measure against what a user would pick instead (ARGS="cold" for one of them)
	@$(BIN)/python tests/benchmarks/run.py $(ARGS)

checkov: setup ## let checkov read the ARM and Kubernetes exports of an example, and judge what it finds
	@$(BIN)/python -m pytest -m slow tests/preview/test_checkov.py -s $(ARGS)

format: setup ## lay out the code and sort its imports
	@$(BIN)/ruff check --fix --quiet $(SOURCES) || true
	@$(BIN)/ruff format $(SOURCES)

lock: ## resolve the locks again, within what they allow now (ARGS="--upgrade" for newer packages)
	@PYTHON="$(PYTHON)" sh .ci/lock $(ARGS)

wheels: setup ## build both wheels into dist/
	@$(BIN)/python -m hatchling build --target wheel --directory dist
	@cd workloads && ../$(BIN)/python -m hatchling build --target wheel --directory ../dist

clean: ## remove what was built, run or cached here, but not .venv
	@if [ -x $(BIN)/lakeplane ]; then $(BIN)/lakeplane local stop >/dev/null 2>&1 || true; fi
	@rm -rf .lakeplane dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +
