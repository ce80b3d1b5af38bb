##@ Documentation

.PHONY: reference
reference: .venv/installed ## Write the reference pages in docs/reference from the code
	@$(RUN) python -m tools.reference
