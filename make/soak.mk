##@ Endurance

# How long `soak` lasts.
MINUTES ?= 30

.PHONY: soak
soak: model/model.json ## Serve the demo model under load for MINUTES=30 and fail if memory, files or threads grow
	@.venv/bin/python -m tools.soak model --minutes $(MINUTES)
