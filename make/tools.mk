# Programs that only make and the tests run: pinned in tools/, and put into bin/ when they are needed.

GO_TOOLS := actionlint contour cosign ct kubeconform kube-score registry syft vegeta

$(GO_TOOLS:%=bin/%): bin/%: tools/%/go.mod tools/%/go.sum
	@command -v go >/dev/null || { echo "make $@: no go to build it with; install one" >&2; exit 1; }
	@echo "Building $* into bin/, once; from a quarter of a minute to three minutes on two cores."
	@CGO_ENABLED=0 GOBIN=$(CURDIR)/bin go -C tools/$* install -mod=readonly -trimpath -ldflags "-s -w" tool
	@touch $@

# In an environment of its own, apart from the project's packages.
UV_TOOLS := checkov pip-audit

$(UV_TOOLS:%=bin/%): bin/%: $(UV) tools/%/pyproject.toml tools/%/uv.lock
	@echo "Installing $* into bin/, once."
	@UV_PROJECT_ENVIRONMENT=$(CURDIR)/bin/.$* $(UV) sync --quiet --locked --project tools/$* --python $(PYTHON)
	@ln -sf .$*/bin/$* $@
	@touch $@
