"""Benchmarks: what a request costs, beside others, in ratios of one run."""
