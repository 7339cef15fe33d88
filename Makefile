# Everything runs in .venv, which `setup` builds from setup.cfg; Python 3.11+ and make are all that is needed before.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
STAMP := .venv/.installed
FACTS ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run test lint types clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' Makefile

setup: $(STAMP) ## Put everything in .venv; does nothing when it is already there

run: setup ## Import the invented sample region, sweep, store and report; FACTS=file takes your own registry file
	.venv/bin/policy-match demo $(if $(FACTS),--facts '$(FACTS)')

test: setup ## Run every test
	.venv/bin/python -m pytest

lint: setup ## Check style and formatting
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .

types: setup ## Check types
	.venv/bin/mypy

clean: ## Remove .venv and caches; data is left alone
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis build *.egg-info

$(STAMP): setup.cfg pyproject.toml | .venv/bin/python
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[test,dev]'
	@touch $@

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "policy-match needs Python 3.11 or newer: install it, or run make PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv .venv || { rm -rf .venv; echo "$(PYTHON) cannot make a virtual environment: on Debian or Ubuntu install python3-venv" >&2; exit 1; }
