"""Values of a release with a canary, for the tests of the chart."""

SHA256, OTHER = "d" * 64, "e" * 64
STABLE = {"uri": "https://models.example.com/iris/1", "sha256": SHA256, "sizeLimit": "2Gi"}
NEXT = {"uri": "http://models.example.com:9000/iris/2", "sha256": OTHER}
ROUTE = {"httpRoute": {"enabled": True, "parentRefs": [{"name": "public"}]}}


def canary(**values) -> dict:
    return {"model": STABLE, "canary": {"enabled": True, "model": NEXT} | values}
