"""Looks into a built image: nothing in it that a pod does not need, nothing that could be turned against it."""
