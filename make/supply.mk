##@ Supply chain

.PHONY: image-check
image-check: ## Build both images and look into them: no shell, nothing writable, no secrets, nothing left over
	@$(PYTHON) -m tools.imagecheck

# required: it fails where nobody can be asked. if-reachable: it says so and goes on. offline: nobody is asked.
AUDIT ?= required
# An address that speaks OSV's protocol, such as a mirror inside; empty asks PyPI.
AUDIT_URL ?=

.PHONY: audit
audit: bin/pip-audit ## Ask whether a locked Python package has a known vulnerability (AUDIT=if-reachable or offline, AUDIT_URL)
	@$(PYTHON) -m tools.audit "$(AUDIT)" "$(AUDIT_URL)"
