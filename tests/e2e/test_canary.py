"""A second version of the model beside the first: some of the traffic, then none or all, and not a request lost."""

from collections import Counter
from pathlib import Path

import pytest
from models import iris_model, serve_models
from space import DRAINING, NAME, RELEASE, SETOSA, VIRGINICA, Space
from traffic import traffic, with_upper
from waiting import until

STABLE_PODS = 3
ASKED = 400
# More than four standard deviations of how many of 400 new connections a pod of four gets.
TOLERANCE = 0.1
# The rollout of a promotion is not what is measured here.
QUICK = {"strategy": {"rollingUpdate": {"maxSurge": "100%"}}}


@pytest.mark.timeout(300)
def test_a_canary_gets_its_share_and_is_aborted_and_promoted_without_one_lost_request(
    space: Space, tmp_path: Path
) -> None:
    first, second = iris_model(tmp_path / "1", "1"), iris_model(tmp_path / "2", "2", upper=True)
    address = serve_models(space, {"1": first, "2": second})
    model = {"uri": f"{address}/1", "sha256": first.sha256}
    candidate = {"uri": f"{address}/2", "sha256": second.sha256}
    canary = {"enabled": True, "model": candidate}
    space.install({"replicaCount": STABLE_PODS, "model": model, "canary": canary, **DRAINING, **QUICK})
    space.start_client()
    stable = space.pod_names(track="stable")

    with traffic(space, rate=300, questions=[with_upper(SETOSA), with_upper(VIRGINICA)]) as clients:
        space.upgrade("--set=canary.enabled=false")
        assert space.pod_names() == stable, "an abort restarts nobody"
        assert share_of_second(space) == 0

        space.upgrade("--set=canary.enabled=true")
        assert space.pod_names(track="stable") == stable, "a canary restarts nobody"
        # A pod that is ready gets requests once the node has heard of it.
        until(lambda: share_of_second(space) > 0, "the canary gets requests", 30)
        assert abs(share_of_second(space) - 1 / (STABLE_PODS + 1)) < TOLERANCE
        assert share_of_second(space, f"{NAME}-canary", 20) == 1
        assert share_of_second(space, f"{NAME}-stable", 20) == 0
        assert versions(space) == {("stable", "1"): STABLE_PODS, ("canary", "2"): 1}
        assert space.helm("test", RELEASE, "--timeout=120s").count("Succeeded") == 4

        space.upgrade(values={"model": candidate, "canary": {"enabled": False}})
        assert versions(space) == {("stable", "2"): STABLE_PODS}
        assert share_of_second(space) == 1
        tally = clients.stop()

    assert tally["failed"] == 0, tally
    assert tally["right"] == tally["sent"] > 5000
    answers = Counter(tally["answers"])
    assert set(answers) == {f'{{"predictions": ["{name}"]}}' for name in ("setosa", "SETOSA", "virginica", "VIRGINICA")}


def share_of_second(space: Space, service: str = NAME, times: int = ASKED) -> float:
    """Ask over new connections, and give how many of them the second version answered."""
    answers = [answer["body"]["predictions"] for answer in space.ask(f"http://{service}/predict", times)]
    assert all(answer in (["setosa"], ["SETOSA"]) for answer in answers)
    return answers.count(["SETOSA"]) / times


VERSION = """
import re, sys, urllib.request
for address in sys.argv[1:]:
    text = urllib.request.urlopen(f"http://{address}:8080/metrics", timeout=10).read().decode()
    print(re.search(r'ml_api_model_info{.*version="([^"]*)"', text)[1])
"""


def versions(space: Space) -> Counter:
    """How many pods of each track tell in their metrics that they serve each version."""
    pods = space.pods()
    told = space.python(VERSION, *(pod["status"]["podIP"] for pod in pods)).split()
    return Counter(zip((pod["metadata"]["labels"]["track"] for pod in pods), told, strict=True))
