"""The clients' own tests run in their own environments only."""

collect_ignore = ["triton", "kserve"]
