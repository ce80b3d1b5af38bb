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
# For the chart: values files, and single values.
VALUES ?=
SET ?=
# For `rollback` (empty: the revision before), and the longest wait for pods in seconds.
REVISION ?=
TIMEOUT ?= 600
export RELEASE NAMESPACE PROFILE CONTEXT DRIVER CPUS MEMORY KUBERNETES_VERSION ADDONS
export IMAGE TAG REGISTRY VALUES SET REVISION TIMEOUT

.PHONY: up doctor minikube-up minikube-down image push load install upgrade rollback uninstall helm-test predict url logs tunnel

up: $(HELM) ## From nothing to a first prediction: minikube, image, release (through REGISTRY, or loaded without one)
doctor: ## Say what is missing on this machine, and how to get it
minikube-up: ## Start minikube with metrics-server (PROFILE, DRIVER, CPUS, MEMORY, KUBERNETES_VERSION, ADDONS)
minikube-down: ## Delete the minikube cluster (PROFILE)
image: ## Build the image (IMAGE, TAG)
push: ## Build the image and push it to REGISTRY; install and upgrade use its digest from then on
load: ## Build the image and copy it into minikube, without a registry
install: $(HELM) ## Install the chart (RELEASE, NAMESPACE, VALUES, SET); what fails is removed again
upgrade: $(HELM) ## Upgrade the release (RELEASE, NAMESPACE, VALUES, SET); what fails is rolled back
rollback: $(HELM) ## Go back to the revision before, or to REVISION
uninstall: $(HELM) ## Remove the release
helm-test: $(HELM) ## Let the release test itself
predict: ## Ask the demo model for a prediction through its Service
url: ## Print where the release answers
logs: ## Follow the logs of all pods of the release
tunnel: ## Give LoadBalancer Services an address while this runs

up doctor minikube-up minikube-down image push load install upgrade rollback uninstall helm-test predict url logs tunnel:
	@$(PYTHON) -m tools.cluster $@
