"""Light enough for each run of the tests."""


def test_tritons_client_works_unmodified(run_client):
    run_client("triton")
