##@ Benchmark

.PHONY: bench-quick
bench-quick: model/model.json ## Measure a one-row request beside an empty FastAPI endpoint, in two minutes
	@.venv/bin/python -m bench.quick model
