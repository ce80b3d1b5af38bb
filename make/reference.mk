##@ Documentation

# Where `docs-serve` shows the site.
DOCS_PORT ?= 8000

.PHONY: reference docs docs-serve docs-port-is-free
reference: .venv/installed ## Write the reference pages in docs/reference from the code
	@$(RUN) python -m tools.reference

docs: bin/sphinx-build ## Build the site of the documentation into build/site; a broken link fails
	@rm -rf build/site
	@bin/sphinx-build -c tools/docs -d build/docs --fresh-env --fail-on-warning --keep-going --nitpicky --quiet . build/site
	@$(PYTHON) -m tools.docs build/site

docs-serve: docs-port-is-free docs ## Build the site and show it on http://127.0.0.1:8000 (DOCS_PORT)
	@echo "The documentation is on http://127.0.0.1:$(DOCS_PORT) (Ctrl+C stops)."
	@exec $(PYTHON) -m http.server --bind 127.0.0.1 --directory build/site $(DOCS_PORT)

docs-port-is-free:
	@$(call needs_free_port,docs-serve,DOCS_PORT)

bin/sphinx-build: $(UV) tools/docs/pyproject.toml tools/docs/uv.lock
	@echo "Installing Sphinx into bin/, once."
	@UV_PROJECT_ENVIRONMENT=$(CURDIR)/bin/.docs $(UV) sync --quiet --locked --project tools/docs --python $(PYTHON)
	@ln -sf .docs/bin/sphinx-build $@
	@touch $@
