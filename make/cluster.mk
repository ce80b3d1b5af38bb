##@ Cluster

# What is asked for; `make install RELEASE=iris NAMESPACE=models VALUES=my.yaml SET=replicaCount=5`.
RELEASE ?= ml-api
NAMESPACE ?= ml-api
# The minikube profile, and the kube context, which minikube names after it. No other context is ever touched.
PROFILE ?= minikube
CONTEXT ?= $(PROFILE)
# For minikube; empty leaves the choice to minikube's own configuration.
DRIVER ?=
CPUS ?=
MEMORY ?=
KUBERNETES_VERSION ?=
ADDONS ?=
# The image: its name, its tag (empty: the git commit) and where `push` brings it.
IMAGE ?= ml-api
TAG ?=
REGISTRY ?=
# For the chart: values files, and single values. A release keeps what it was given before; `RESET=yes` goes back to the chart's defaults.
VALUES ?=
SET ?=
RESET ?=
# For `rollback` (empty: the revision before), and the longest wait for pods in seconds.
REVISION ?=
TIMEOUT ?= 600
# For `ct-install`: what to upgrade from (empty: the last release, once there is one; or none), and which examples (empty: all).
SINCE ?=
ONLY ?=
export RELEASE NAMESPACE PROFILE CONTEXT DRIVER CPUS MEMORY KUBERNETES_VERSION ADDONS
export IMAGE TAG REGISTRY VALUES SET RESET REVISION TIMEOUT SINCE ONLY

.PHONY: up doctor minikube-up minikube-down image push load install upgrade rollback uninstall helm-test predict url logs tunnel

up: $(HELM) ## From nothing to a first prediction: minikube, image, release (through REGISTRY, or loaded without one)
doctor: ## Say what is missing on this machine, and how to get it
minikube-up: ## Start minikube with metrics-server (PROFILE, DRIVER, CPUS, MEMORY, KUBERNETES_VERSION, ADDONS)
minikube-down: ## Delete the minikube cluster (PROFILE)
image: ## Build the image (IMAGE, TAG)
push: ## Build the image and push it to REGISTRY; install and upgrade use its digest from then on
load: ## Build the image and copy it into minikube, without a registry
install: $(HELM) ## Install the chart (RELEASE, NAMESPACE, VALUES, SET); what fails is removed again
upgrade: $(HELM) ## Upgrade the release, which keeps its values (RELEASE, NAMESPACE, VALUES, SET, RESET=yes); what fails is rolled back
rollback: $(HELM) ## Go back to the revision before, or to REVISION
uninstall: $(HELM) ## Remove the release
helm-test: $(HELM) ## Let the release test itself
predict: ## Ask the model its own example through its Service, and print question and answer
url: ## Print where the release answers, if its Service is reached from outside
logs: ## Follow the logs of all pods of the release
tunnel: ## Give LoadBalancer Services an address while this runs

up doctor minikube-up minikube-down image push load install upgrade rollback uninstall helm-test predict url logs tunnel:
	@$(PYTHON) -m tools.cluster $@

##@ Tests on a cluster

HELM3_VERSION = $(shell awk '$$1 == "helm.sh/helm/v3" { print $$2 }' tools/helm3/go.mod)
# The tests want one helm of each line, whichever is on the PATH.
HELM4 = $(shell $(HELM) version --template '{{.Version}}' 2>/dev/null | grep -q '^v4\.' && echo $(HELM) || echo $(CURDIR)/bin/helm)
# Only the context that is asked for is in the tests' kubeconfig.
E2E_KUBECONFIG := $(CURDIR)/build/e2e.kubeconfig

.PHONY: e2e e2e-ready ct-install loss-table
e2e: e2e-ready ## Push the image and run every test that needs a cluster (CONTEXT, REGISTRY, ARGS="-k name"); 25 minutes
	@HELM=$(HELM4) HELM3=$(CURDIR)/bin/helm3 KUBECONFIG=$(E2E_KUBECONFIG) \
		.venv/bin/pytest tests/e2e --confcutdir=tests/e2e --durations=10 $(ARGS)
	@echo "e2e: all passed on context $(CONTEXT)"
	@echo "Next: make loss-table"

e2e-ready: .venv/installed $(HELM4) bin/helm3 bin/ct bin/syft bin/cosign
	@[ "$(CONTEXT)" != "$(PROFILE)" ] || $(PYTHON) -m tools.cluster minikube-up
	@$(MAKE) push REGISTRY=$(or $(REGISTRY),localhost:5000)
	@(umask 077 && kubectl config view --minify --flatten --context $(CONTEXT) > $(E2E_KUBECONFIG))

ct-install: $(HELM) bin/ct ## Install and test the chart with every example that fits the cluster, and upgrade to it (SINCE, ONLY)
	@$(PYTHON) -m tools.cluster $@

loss-table: ## Write the figures of the last `make e2e` into docs/no-lost-requests.md
	@$(PYTHON) -m tools.losstable build/loss docs/no-lost-requests.md

bin/helm3: tools/helm3/go.mod tools/helm3/go.sum
	@echo "Building helm $(HELM3_VERSION) into bin/, once; about three minutes on two cores."
	@CGO_ENABLED=0 go -C tools/helm3 build -mod=readonly -trimpath -o $(CURDIR)/$@ \
		-ldflags "-s -w -X helm.sh/helm/v3/internal/version.version=$(HELM3_VERSION)" helm.sh/helm/v3/cmd/helm
