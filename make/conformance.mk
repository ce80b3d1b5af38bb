##@ Conformance

.PHONY: conformance
conformance: $(addprefix tests/conformance/,$(addsuffix /.venv/installed,triton kserve oip)) ## Ask a real server with Triton's and KServe's own clients, unmodified, and by the protocol's OpenAPI document
	@.venv/bin/pytest -q tests/conformance
	@echo "conformance: Triton's and KServe's clients work unmodified, and the protocol's document holds"

tests/conformance/%/.venv/installed: tests/conformance/%/pyproject.toml tests/conformance/%/uv.lock | .venv/installed
	@echo "Installing what the tests of $* need into an environment of its own, once."
	@$(UV) sync --quiet --frozen --project $(@D:%/.venv=%)
	@touch $@
