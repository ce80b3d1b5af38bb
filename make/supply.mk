##@ Supply chain

.PHONY: image-check
image-check: ## Build both images and look into them: no shell, nothing writable, no secrets, nothing left over
	@$(PYTHON) -m tools.imagecheck
