"""Runs kube-score and checkov over rendered charts and reports what lint-exceptions.yaml does not allow."""
