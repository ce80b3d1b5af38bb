module ml-api/tools/schemas

go 1.26.0

// Only their YAML is read; nothing here is compiled.
require (
	github.com/kedacore/keda/v2 v2.21.0
	github.com/prometheus-operator/prometheus-operator v0.94.1
	sigs.k8s.io/gateway-api v1.6.3
)
