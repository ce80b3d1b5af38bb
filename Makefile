# ml-api: `make` lists the targets, `make run` serves the demo model, `make test` runs every test that needs no cluster.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

# The Python that everything is set up with: 3.11 to 3.13.
PYTHON ?= python3
UV := $(CURDIR)/bin/uv
RUN := $(UV) run --no-sync --quiet
# Where `run` serves the demo model.
PORT ?= 8080
# Tests run in that many processes; a file stays in one, with the servers that it shares.
JOBS ?= 2
# More for pytest, in each target that runs tests: `make test-quick ARGS="-k queue"`, `make test ARGS=tests/api/test_v2.py`.
ARGS ?=
export UV_PYTHON_DOWNLOADS := never

##@ Everyday

.PHONY: help
help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n\033[1m%s\033[0m\n", substr($$0, 5) } \
		/^[a-zA-Z0-9_-]+:.*## / { printf "  \033[36m%-16s\033[0m %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run port-is-free
run: port-is-free model/model.json ## Serve the demo model on http://127.0.0.1:8080 (PORT=... for another port)
	@echo "Serving iris on http://127.0.0.1:$(PORT) (open it in a browser; Ctrl+C stops). Try:"
	@echo "  curl http://127.0.0.1:$(PORT)/predict -d '{\"instances\": [[5.1, 3.5, 1.4, 0.2]]}'"
	@exec .venv/bin/ml-api serve model --port $(PORT)

# Fails unless a variable is a port on which nothing listens: $(call needs_free_port,target,variable).
needs_free_port = [[ "$($(2))" =~ ^[0-9]{1,5}$$ ]] && (( 10\#$($(2)) > 0 && 10\#$($(2)) < 65536 )) || \
		{ echo "make $(1): $(2)=$($(2)) is no port: give a number from 1 to 65535, as in make $(1) $(2)=9000" >&2; exit 1; }; \
	! (exec 3<>/dev/tcp/127.0.0.1/$($(2))) 2>/dev/null || \
		{ echo "make $(1): something listens on port $($(2)) already: stop it, or choose another, as in make $(1) $(2)=9000" >&2; exit 1; }

port-is-free:
	@$(call needs_free_port,run,PORT)

PYTEST = .venv/bin/pytest -q --numprocesses $(JOBS) --dist loadscope
# Measuring the coverage of these would double their time, and shows no line that the others do not run, too.
NOT_MEASURED := tests/chart tests/faults tests/fuzz tests/conformance/test_triton.py tests/conformance/test_oip.py
MEASURED := tests/unit tests/api

.PHONY: test
test: .venv/installed tests/conformance/triton/.venv/installed tests/conformance/oip/.venv/installed bin/registry bin/pip-audit bin/vegeta helm ## Run every test that needs no cluster, with branch coverage (ARGS: those that pytest is told, without a threshold)
	@rm -f .coverage .coverage.*
	@$(if $(ARGS),,$(PYTEST) $(NOT_MEASURED))
	@.venv/bin/coverage run -m $(subst .venv/bin/,,$(PYTEST)) $(or $(ARGS),$(MEASURED))
	@.venv/bin/coverage combine -q && .venv/bin/coverage report $(if $(ARGS),--fail-under=0)
	@echo "test: all passed"

.PHONY: test-quick
test-quick: .venv/installed ## Run the unit tests that start no server and need nothing of bin/, in about a minute (ARGS)
	@$(PYTEST) -m "not slow" tests/unit $(ARGS)
	@echo "test-quick: all passed; make test runs the rest"

.PHONY: format
format: .venv/installed ## Format the Python code and mend what the linter can
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format --quiet .

.PHONY: clean
clean: ## Remove everything that make made, downloads and tools included
	@rm -rf .venv .bench .cache bin build dist model .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis \
		artifacts tests/conformance/*/.venv examples/python/model/prices.json

# Set-up, done when it is needed.

$(UV): tools/uv/requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
		{ echo "make: $(PYTHON) is $$($(PYTHON) --version 2>&1); Python 3.11 to 3.13 is needed: make PYTHON=python3.13 ..." >&2; exit 1; }
	@echo "Setting up uv in bin/."
	@$(PYTHON) -m venv bin/.uv
	@bin/.uv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r tools/uv/requirements.txt
	@ln -sf .uv/bin/uv $@

.venv/installed: $(UV) pyproject.toml uv.lock
	@echo "Installing the locked Python packages into .venv."
	@$(UV) sync --quiet --locked --all-extras --python $(PYTHON)
	@touch $@

# Made once: newer libraries serve the same ONNX file, and a bundle of one's own in this folder is never replaced.
model/model.json: | .venv/installed
	@.venv/bin/ml-api train-demo --out model

include $(wildcard make/*.mk)

# Make ignores a variable that nobody reads, and `SETS=replicaCount=3` would seem to have done something.
KNOWN := $(shell sed -nE 's/^([A-Z0-9_]+) *[?:]?=.*/\1/p' $(MAKEFILE_LIST))
GIVEN := $(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(name)))
UNKNOWN := $(firstword $(filter-out $(KNOWN),$(GIVEN)))
NEAREST = $(shell $(PYTHON) -c 'import difflib, sys; print(*difflib.get_close_matches(sys.argv[1], sys.argv[2:], 1))' $(UNKNOWN) $(KNOWN))
$(if $(UNKNOWN),$(error there is no variable $(UNKNOWN)$(if $(NEAREST), (did you mean $(NEAREST)?)): docs/reference/make.md lists those that there are))
