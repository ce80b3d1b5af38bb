##@ Chart

# A helm on the PATH is used from 3.18.5 on, the first that reads JSON Schema 2020-12; otherwise the pinned one, built into bin/.
ifndef HELM
HELM := $(shell helm version --template '{{.Version}}' 2>/dev/null | grep -Eq '^v(3\.(18\.([5-9]|1[0-9])|19\.|[2-9][0-9]\.)|[4-9]\.)' && command -v helm || echo $(CURDIR)/bin/helm)
endif
export HELM

HELM_VERSION = $(shell awk '$$1 == "helm.sh/helm/v4" { print $$2 }' tools/helm/go.mod)

.PHONY: helm
helm: $(HELM) ## Build the pinned helm into bin/, unless a fitting one is on the PATH
	@echo "helm: $(HELM) $$($(HELM) version --template '{{.Version}}')"

$(CURDIR)/bin/helm: tools/helm/go.mod tools/helm/go.sum
	@command -v go >/dev/null || { echo "make helm: no helm of 3.18.5 or later and no go to build one; install either" >&2; exit 1; }
	@echo "Building helm $(HELM_VERSION) into bin/. The first time this takes about four minutes on two cores."
	@CGO_ENABLED=0 go -C tools/helm build -mod=readonly -trimpath -o $@ \
		-ldflags "-s -w -X helm.sh/helm/v4/internal/version.version=$(HELM_VERSION)" helm.sh/helm/v4/cmd/helm

.PHONY: chart-docs
chart-docs: .venv/installed ## Write values.schema.json and the value tables of the chart's README from the comments in values.yaml
	@$(RUN) python -m tools.chartdocs charts/ml-api
