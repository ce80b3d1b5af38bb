"""Three hundred megabytes of dependencies, so ``make conformance`` alone installs them."""


def test_kserves_client_works_unmodified(run_client):
    run_client("kserve")
