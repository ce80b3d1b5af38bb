"""Writes the JSON schemas that kubeconform reads, out of package registries alone.

The schemas of Kubernetes itself ship in the Python package kubernetes-validate; those of the custom resources are
converted from the definitions inside the Go modules that go.mod pins and go.sum checks.
"""
