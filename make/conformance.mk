##@ Conformance

.PHONY: conformance
conformance: .venv/installed tests/conformance/triton/.venv/installed tests/conformance/kserve/.venv/installed ## Ask a real server with Triton's and KServe's own clients, unmodified
	@.venv/bin/pytest -q tests/conformance
	@echo "conformance: Triton's and KServe's clients work unmodified"

tests/conformance/%/.venv/installed: tests/conformance/%/pyproject.toml tests/conformance/%/uv.lock | .venv/installed
	@echo "Installing the client of $* into an environment of its own, once."
	@$(UV) sync --quiet --frozen --project $(@D:%/.venv=%)
	@touch $@
