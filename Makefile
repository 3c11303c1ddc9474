# Quaestor. Everything that a target needs is set up by it: `make demo` and `make test` work on a fresh machine with
# Python 3.11+ and make.
SHELL := /bin/sh
VENV ?= .venv
BIN := $(VENV)/bin
PYTHON ?= python3
JOBS ?= 2

.PHONY: help demo test test-fast lint types check opa bench setup setup-dev schemas lock clean

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: setup  ## decide over a real mortgage model, twice, and write the signed reports
	@$(BIN)/python -m examples.mortgage.demo

test: setup-dev  ## all tests
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

test-fast: setup-dev  ## the tests that take no more than a few seconds each
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder -m "not slow"

lint: setup-dev  ## ruff: style, imports, common mistakes
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: setup-dev  ## mypy, strict
	@$(BIN)/mypy

check: lint types test  ## lint, types and tests

opa:  ## bring the pinned OPA binary to .tools/bin
	@scripts/get_opa.sh

bench: setup-dev  ## ratios against OPA, conftest, bare onnxruntime, fairlearn, WeasyPrint
	@$(BIN)/python -m benchmarks

schemas: setup-dev  ## write policies/schemas from the predicate models
	@$(BIN)/python -m evidence.model.schemas policies/schemas

lock:  ## compile the hashed requirement files again
	@scripts/lock.sh

setup:  ## an environment that runs everything but the tests
	@scripts/setup.sh run $(VENV) $(PYTHON)

setup-dev:  ## an environment that runs the tests too
	@scripts/setup.sh dev $(VENV) $(PYTHON)

clean:  ## remove what the targets made
	@rm -rf $(VENV) .tools demo build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
