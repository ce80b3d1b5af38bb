##@ Lint

EXAMPLES := $(wildcard charts/ml-api/ci/*-values.yaml)
RENDERED := $(EXAMPLES:charts/ml-api/ci/%-values.yaml=.cache/lint/%.yaml)
CHART_FILES := $(shell find charts/ml-api -type f)
# The oldest Kubernetes of the chart's kubeVersion and the newest one; one example also shows fields that are younger.
OLDEST := 1.27
NEWEST := 1.37
YOUNGER := .cache/lint/everything-on.yaml

# Runs a command and is silent unless it fails: $(call quietly,what it checks,command).
quietly = @output=$$($(2) 2>&1) || { printf '%s\n' "$$output"; echo "make lint: $(1) found the above" >&2; exit 1; }

.PHONY: lint lint-python lint-chart lint-workflows
lint: lint-python lint-chart lint-workflows audit ## Check code, chart, workflows and locked packages (builds what it needs on the first run)
	@echo "lint: nothing found in the Python code, the workflows and the chart's $(words $(EXAMPLES)) examples"

lint-python: .venv/installed
	$(call quietly,ruff,$(RUN) ruff check .)
	$(call quietly,ruff format,$(RUN) ruff format --check .)
	$(call quietly,mypy,$(RUN) mypy)

lint-chart: .venv/installed $(HELM) bin/ct bin/kubeconform bin/kube-score bin/checkov .cache/schemas/written $(RENDERED)
	@rm -f $(filter-out $(RENDERED),$(wildcard .cache/lint/*.yaml))
	$(call quietly,ct,PATH="$(dir $(HELM)):$$PATH" $(RUN) bin/ct lint --all)
	$(call quietly,kubeconform for Kubernetes $(NEWEST),$(call kubeconform,$(NEWEST),$(RENDERED)))
	$(call quietly,kubeconform for Kubernetes $(OLDEST),$(call kubeconform,$(OLDEST),$(filter-out $(YOUNGER),$(RENDERED))))
	$(call quietly,kube-score or checkov,$(RUN) python -m tools.chartlint .cache/lint)

lint-workflows: bin/actionlint
	$(call quietly,actionlint,bin/actionlint -shellcheck= -pyflakes= .github/workflows/*.yml)

kubeconform = bin/kubeconform -strict -kubernetes-version $(1).0 -schema-location .cache/schemas \
	-schema-location '.cache/schemas/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json' $(2)

# The helm tests are rendered too: they are scored like every other pod.
$(RENDERED): .cache/lint/%.yaml: charts/ml-api/ci/%-values.yaml $(CHART_FILES) $(HELM)
	@mkdir -p $(@D)
	@$(HELM) template ml-api charts/ml-api --namespace models --kube-version $(NEWEST) --values $< > $@.new
	@mv $@.new $@

.cache/schemas/written: .venv/installed tools/schemas/go.mod tools/schemas/go.sum tools/schemas/__main__.py make/lint.mk
	@$(RUN) python -m tools.schemas $(@D) $(OLDEST) $(NEWEST)
	@touch $@
