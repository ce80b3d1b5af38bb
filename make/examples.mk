##@ Examples

# One of the folders of examples/.
NAME ?=
MODEL_EXAMPLES := $(sort $(notdir $(patsubst %/,%,$(wildcard examples/*/))))

.PHONY: example
example: .venv/installed ## Train, pack and check an example model (NAME=classifier, mixed, text, ...)
	@if [ -z "$(filter $(NAME),$(MODEL_EXAMPLES))" ]; then \
		echo "make: name one of the examples: $(MODEL_EXAMPLES:%=NAME=%)" >&2; exit 1; fi
	@.venv/bin/python examples/$(NAME)/train_$(NAME).py build/examples/$(NAME)
	@.venv/bin/ml-api check build/examples/$(NAME) --trust
	@echo "Serve it with: .venv/bin/ml-api serve build/examples/$(NAME)$$(grep -q '"format": "onnx"' build/examples/$(NAME)/model.json || echo ' --trust')"
