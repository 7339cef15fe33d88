# Everything runs in .venv, which `setup` builds from setup.cfg; Python 3.11+ and make are all that is needed before.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
STAMP := .venv/.installed
SPARK_STAMP := .venv/.installed-spark
FACTS ?=
AS_OF ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run browser test test-browser test-spark test-nightly year bench bench-spark bench-payments bench-deadlines bench-notices bench-web api language cases lint types clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' Makefile

setup: $(STAMP) ## Put everything in .venv; does nothing when it is already there

run: setup ## Import the invented sample region, sweep, report, pay by an invented bank, serve the portals; FACTS=file AS_OF=day takes your own file
	.venv/bin/policy-match demo $(if $(FACTS),--facts '$(FACTS)') $(if $(AS_OF),--as-of '$(AS_OF)')
	$(if $(FACTS)$(AS_OF),,.venv/bin/policy-match run sample-portal)

browser: ## Install Chromium and Chinese fonts where they are missing, for the tests of the pages; Debian, as root
	@command -v chromium-headless-shell >/dev/null || { apt-get update -q && apt-get install -y -q --no-install-recommends chromium-headless-shell fonts-noto-cjk; }

test: setup ## Run every test but those in a browser, on all cores
	.venv/bin/python -m pytest -n auto --dist worksteal -m 'not browser'

test-browser: setup $(if $(CI),browser) ## Run the tests of the pages in Chromium, at the sizes of a desk and a phone; pictures in build/screenshots
	.venv/bin/python -m pytest -n auto --dist worksteal -m browser tests/browser tests/functional/web

test-spark: $(SPARK_STAMP) ## Run the tests of the Spark engine; installs pyspark, some 450 MB, and needs Java 17
	.venv/bin/python -m pytest tests/spark

test-nightly: setup ## For as long as a night: 20,000 random examples of each property, thousands of days at the bank, every kill point
	HYPOTHESIS_PROFILE=nightly .venv/bin/python -m pytest tests/generative tests/fault/payments tests/fault/notices tests/fault/scheduler tests/fault/web

year: setup ## Play a whole year of 20,000 invented firms, check every law, and write it to build/year
	.venv/bin/python -m tests.year --out build/year

bench: setup ## Measure speed and memory of the production engine on a synthetic registry, some five minutes
	.venv/bin/python -m tests.benchmarks.sweep

bench-spark: $(SPARK_STAMP) ## Measure the Spark engine on this machine against the arrow engine; installs pyspark
	.venv/bin/python -m tests.benchmarks.spark

bench-payments: setup ## Measure the way from a match to a posted payment; CASES="10000 100000 1000000"
	.venv/bin/python -m tests.benchmarks.payment_path $(if $(CASES),--cases $(CASES))

bench-notices: setup ## Measure choosing channels, sending and receipts against local providers; NOTICES=20000
	.venv/bin/python -m tests.benchmarks.notice_sending $(if $(NOTICES),--notices $(NOTICES))

bench-deadlines: setup ## Measure looking at open cases: colours, windows, reminders, lists; CASES="100000 1000000"
	.venv/bin/python -m tests.benchmarks.open_cases $(if $(CASES),--cases $(CASES))

bench-web: setup ## Measure the API and the home page of firms from another process: delay at 100 requests a second, processes, memory; MINUTES=10
	.venv/bin/python -m tests.benchmarks.web_load $(if $(MINUTES),--minutes $(MINUTES))

api: setup ## Write docs/openapi.json anew from the operations
	.venv/bin/python -m tests.functional.api.render

cases: setup ## Write docs/cases.md and the generated parts of docs/notices.md anew from the tables of steps
	.venv/bin/python -m tests.unit.cases.render
	.venv/bin/python -m tests.unit.notices.render

language: setup ## Write docs/language.md anew from the tables in tests/spec
	.venv/bin/python -m tests.spec.render

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

$(SPARK_STAMP): $(STAMP)
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[spark]'
	@touch $@

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "policy-match needs Python 3.11 or newer: install it, or run make PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv .venv || { rm -rf .venv; echo "$(PYTHON) cannot make a virtual environment: on Debian or Ubuntu install python3-venv" >&2; exit 1; }
