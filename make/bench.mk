##@ Benchmark

# For example: make bench BENCH="--peers ml-api,kserve --workloads one-row,forest --seconds 1"
BENCH ?=
# How many seconds each cell of the table is measured.
BENCH_SECONDS ?= 3

.PHONY: bench
bench: .venv/installed bin/vegeta ## Measure this service beside its peers and write docs/benchmarks.md, in half an hour (BENCH="--peers ... --workloads ...")
	@.venv/bin/python -m bench --seconds $(BENCH_SECONDS) $(BENCH)

.PHONY: bench-quick
bench-quick: model/model.json ## Measure a one-row request beside an empty FastAPI endpoint, in two minutes
	@.venv/bin/python -m bench.quick model

.PHONY: bench-page
bench-page: .venv/installed ## Write docs/benchmarks.md again from the results of the last whole run
	@.venv/bin/python -m bench.publish
