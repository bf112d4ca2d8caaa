# Everything that is done with this checkout. `make demo` and `make test` start from nothing on Debian 12/13 or Ubuntu.

PYTHON ?=
IN := .venv/bin/
READY := .venv/ready

.DEFAULT_GOAL := help
.PHONY: help setup system speech root instruments demo up test lint bench chaos prompts lock try-image clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "make %-10s %s\n", $$1, $$2 }'

setup: root instruments speech ## Debian packages, .venv, the root folders of lab and tests; quick when all is there

system:
	@PYTHON="$(PYTHON)" deploy/setup/system.sh

# Says what the tests' callers say, and the prompts.
speech:
	@PYTHON="$(PYTHON)" deploy/setup/system.sh espeak-ng

# The stamp is in the environment, so it goes with it. It is remade when what is to be installed has changed.
$(READY): requirements-dev.lock pyproject.toml deploy/setup/environment.sh | system
	@PYTHON="$(PYTHON)" deploy/setup/environment.sh
	@touch $@

root: $(READY)
	@$(IN)python deploy/setup/root.py lab

# Prometheus and a browser, for the tests only: `make demo` and `make up` do without.
instruments: root
	@$(IN)python deploy/setup/root.py instruments

demo: root ## the real thing on this machine: one SIP call of each kind, their records, the wallboard
	@$(IN)python -m siaga112.lab.demo

up: root ## the same parts and call-takers, kept running until Ctrl-C
	@$(IN)siaga112 lab up

# Two at once: real calls mostly wait, and meanwhile the rest computes.
test: setup ## every test, with a real Asterisk and PostgreSQL
	@$(IN)pytest -n 2 --no-loadscope-reorder

lint: $(READY) ## form, types, scripts, and what must not be in the tree
	@$(IN)ruff check .
	@$(IN)ruff format --check .
	@$(IN)mypy
	@for script in .ci/run deploy/*/*.sh; do sh -n "$$script" || exit 1; done
	@$(IN)pytest -q tests/deploy/test_tree.py

bench: root ## measurements, as ratios within one run
	@$(IN)python -m bench

chaos: root ## parts stopped, frozen, filled up and killed under load: a table of calls and records; a thousand races
	@$(IN)python -m bench.chaos
	@SIAGA112_RACES=1000 $(IN)pytest -q -p no:cacheprovider tests/asterisk/test_races.py

prompts: $(READY) speech ## speak asterisk-conf/prompts.toml into WAV files
	@$(IN)python -m siaga112.lab.prompts

lock: ## write the lock files anew from pyproject.toml (UPGRADE=1: with the newest versions)
	@UPGRADE=$(UPGRADE) deploy/setup/lock.sh

try-image: root ## the Dockerfile's steps in a clean Debian, and the daemon of that image against a lab
	@$(IN)python deploy/docker/try_steps.py

clean: ## remove what was made in the checkout (the cache in ~/.cache/siaga112 stays)
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage bench-results
	find src tests bench -name __pycache__ -type d -exec rm -rf {} +
