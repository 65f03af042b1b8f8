# Each target does all of its set-up itself; a second time there is nothing to set up.

# The first of these that is new enough; python3 says what is wrong where none is.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	echo $$python; exit; fi; done; echo python3)
RUN := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help demo test check run asterisk bench-media bench-calls bench-chaos bench-latency clean .venv

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | while IFS='|' read -r target what; do \
		printf '  make %-14s %s\n' "$$target" "$$what"; done

.venv:
	@$(PYTHON) scripts/bootstrap.py

demo: .venv ## a real call through a real Asterisk, shown and proved; files in build/demo/
	@$(RUN) -m gateway demo

test: .venv ## the whole suite, with a real Asterisk, phones and Redis
	@$(RUN) -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder --ignore tests/integration
	@# Calls wait more than they compute: three beside each other, handed out one by one so that all
	@# three end together. Only twenty at once need the machine for themselves.
	@$(RUN) -m pytest --numprocesses 3 --maxschedchunk 1 -m "not alone" tests/integration
	@$(RUN) -m pytest -m alone tests/integration

check: .venv ## formatting, lint, types and the arrows between packages
	@$(RUN) -m ruff format --check .
	@$(RUN) -m ruff check .
	@$(RUN) -m mypy
	@.venv/bin/lint-imports

run: .venv ## the gateway, against the Asterisk that gateway.toml or ARI_URL names
	@$(RUN) -m gateway serve

asterisk: .venv ## a private Asterisk to try it with: prints where to dial and what `make run` needs
	@$(RUN) -m gateway.lab

bench-media: .venv ## what the media plane costs, against a C echo of the same packets
	@$(RUN) -m tests.benchmarks.bench_media

bench-calls: .venv ## what calls cost through the whole pipeline, how long they wait, and how soon they are greeted
	@$(RUN) -m tests.benchmarks.bench_calls

bench-chaos: .venv ## what callers hear when providers are killed, hang, lie or refuse
	@$(RUN) -m tests.benchmarks.bench_chaos

bench-latency: .venv ## how long callers wait for an answer, and to be heard
	@$(RUN) -m tests.benchmarks.bench_latency

clean: ## remove what was made here: .venv, build and caches (not the packages in ~/.cache)
	@rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
