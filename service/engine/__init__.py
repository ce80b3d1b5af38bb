"""Time and concurrency: the one way from a protocol to a runtime."""
