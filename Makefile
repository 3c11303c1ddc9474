# Quaestor. Everything that a target needs is set up by it: `make demo` and `make test` work on a fresh machine with
# Python 3.11+ and make.
SHELL := /bin/sh
VENV ?= .venv
BIN := $(VENV)/bin
PYTHON ?= python3
JOBS ?= 2
PYTEST := $(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

.PHONY: help demo test test-slow test-all lint types check opa bench setup setup-dev schemas lock clean

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: setup  ## decide over a real mortgage model, twice, and write the signed reports
	@$(BIN)/python -m examples.mortgage.demo

test: setup-dev  ## the tests, but for the slow ones: some minutes on two cores
	@$(PYTEST) -m "not slow"

test-slow: setup-dev  ## the slow ones: whole demos, erasures, simulations, every control proved, memory, fuzzing
	@$(PYTEST) -m slow

test-all: setup-dev  ## all tests, as CI runs them
	@$(PYTEST)

lint: setup-dev  ## ruff: style, imports, common mistakes
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: setup-dev  ## mypy, strict
	@$(BIN)/mypy

check: lint types test  ## lint, types and the tests that are not slow

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
