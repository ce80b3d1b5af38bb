# The registry that the tests push bundles to and fetch them from.
bin/registry: tools/registry/go.mod tools/registry/go.sum
	@command -v go >/dev/null || { echo "make test: no go to build the tests' registry with; install one" >&2; exit 1; }
	@echo "Building the registry of the tests into bin/, once; two to three minutes on two cores."
	@CGO_ENABLED=0 GOBIN=$(CURDIR)/bin go -C tools/registry install -mod=readonly -trimpath -ldflags "-s -w" tool
	@touch $@
