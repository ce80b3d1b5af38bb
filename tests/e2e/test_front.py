"""Through a real gateway: an Ingress with TLS, a path prefix, a route of the Gateway API, a canary's weight."""

import contextlib
import json
import math
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2
import pytest
from certificates import make_authority
from front import CANARY_HOST, INGRESS_HOST, ROUTE_HOST, Front, condition, start_front, stop_front, tls_secret
from host import node_address
from models import iris_model, serve_models
from space import DRAINING, NAME, SETOSA, VIRGINICA, Space
from traffic import traffic, with_upper
from waiting import until
from windows import Window, chromium

from tools.cluster.settings import Settings

PREFIX = "/models/iris"
RIGHT = {"predictions": ["setosa"]}
ROWS = 1200
# More than many gateways take without being told; JSON may be a mebibyte larger.
LARGE_BYTES = 3 * 1024**2
URL = f"http://{CANARY_HOST}/predict"
QUESTIONS = [with_upper(SETOSA), with_upper(VIRGINICA)]
UPPER = {json.dumps(question["answers"][1]) for question in QUESTIONS}
WEIGHT = 20
WEIGHED = 3000
SENT = 10_000
# How far the share of a fair draw may be from the weight: further in less than one of a million runs.
DEVIATIONS = 5
CA_FILE = "/tmp/ca.crt"  # noqa: S108  # in a pod
WRITE = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_text(sys.stdin.read())"
# Every new pod at once: three rollouts and four other upgrades are enough.
QUICK = {"strategy": {"rollingUpdate": {"maxSurge": "100%"}}}


@pytest.fixture(scope="module")
def front(make_shared_space: Callable[..., Space]) -> Iterator[Front]:
    """A gateway in a namespace of its own."""
    space = make_shared_space()
    try:
        yield start_front(space)
    finally:
        stop_front(space)


@pytest.fixture(scope="module")
def outside(front: Front, settings: Settings) -> "Outside":
    return Outside(node_address(settings), front.node_ports["https"], front.authority.text)


@pytest.fixture(scope="module")
def release(front: Front, outside: "Outside", make_shared_space: Callable[..., Space]) -> Space:
    """One release with two open ways in, both under a prefix: the Ingress leaves it on, the route takes it off."""
    space = make_shared_space()
    space.apply(tls_secret("iris-tls", front.certificate))
    ingress = {
        "enabled": True,
        "className": front.name,
        "hosts": [{"host": INGRESS_HOST, "paths": [{"path": PREFIX}]}],
        "tls": [{"secretName": "iris-tls", "hosts": [INGRESS_HOST]}],
    }
    rewrite = {"path": {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/"}}
    route = {
        "enabled": True,
        "parentRefs": [{**front.parent, "sectionName": "https"}],
        "hostnames": [ROUTE_HOST],
        "matches": [{"path": {"type": "PathPrefix", "value": PREFIX}}],
        "filters": [{"type": "URLRewrite", "urlRewrite": rewrite}],
        "timeouts": {"request": "15s"},
    }
    config = {"rootPath": PREFIX, "accessLog": True}
    space.install({"replicaCount": 1, "config": config, "ingress": ingress, "httpRoute": route})
    for host in (INGRESS_HOST, ROUTE_HOST):
        until(lambda host=host: outside.reaches(host), f"{host} leads to the pod", 30)
    return space


@dataclass(frozen=True)
class Outside:
    """Somebody on this machine, who finds every host at the node and trusts one authority."""

    node: str
    port: int
    authority: str

    def url(self, host: str) -> str:
        """The address of the service, as people write it."""
        return f"https://{host}:{self.port}{PREFIX}"

    def ask(self, method: str, host: str, path: str, **content: object) -> httpx2.Response:
        """Ask a host, over a connection of its own: through one that another name has opened, it refuses."""
        context = ssl.create_default_context(cadata=self.authority)
        with httpx2.Client(verify=context, trust_env=False, timeout=10) as client:
            name = {"headers": {"Host": f"{host}:{self.port}"}, "extensions": {"sni_hostname": host}}
            return client.request(method, f"https://{self.node}:{self.port}{PREFIX}{path}", **name, **content)

    def reaches(self, host: str) -> bool:
        """Tell whether the gateway knows the way, and a pod is at its end."""
        with contextlib.suppress(httpx2.TransportError):
            return self.ask("GET", host, "/readyz").status_code == httpx2.codes.OK
        return False


both_ways = pytest.mark.parametrize("host", [INGRESS_HOST, ROUTE_HOST], ids=["prefix left on", "prefix taken off"])


@both_ways
@pytest.mark.usefixtures("release")
def test_a_prediction_comes_over_https_with_the_certificate_verified(outside: Outside, host: str) -> None:
    assert outside.ask("POST", host, "/predict", json=SETOSA["body"]).json() == RIGHT
    assert outside.ask("GET", host, "").json() == {"status": "alive"}
    padded = b" " * LARGE_BYTES + json.dumps(SETOSA["body"]).encode()
    assert outside.ask("POST", host, "/predict", content=padded).json() == RIGHT
    stranger = replace(outside, authority=make_authority().text)
    with pytest.raises(httpx2.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        stranger.ask("POST", host, "/predict", json=SETOSA["body"])


def test_the_ingress_leaves_the_prefix_on_and_the_route_takes_it_off(release: Space, outside: Outside) -> None:
    """So each of the tests beside this one meets both kinds of proxy."""
    for host in (INGRESS_HOST, ROUTE_HOST):
        assert outside.ask("GET", host, f"/v2/models/iris?{host}").json()["name"] == "iris"
    for line in (f'"GET {PREFIX}/v2/models/iris?{INGRESS_HOST} HTTP', f'"GET /v2/models/iris?{ROUTE_HOST} HTTP'):
        until(lambda line=line: line in release.kubectl("logs", f"deployment/{NAME}"), f"the log has {line}", 10)


@both_ways
@pytest.mark.usefixtures("release")
def test_the_page_and_the_api_page_work_under_a_prefix(front: Front, outside: Outside, host: str) -> None:
    url = outside.url(host)
    node, pin = f"MAP {host} {outside.node}", front.certificate.pin
    with chromium(f"--host-resolver-rules={node}", f"--ignore-certificate-errors-spki-list={pin}") as browser:
        window = Window(browser.new_context())
        page = window.page
        page.goto(url)
        page.get_by_label("petal length (cm)").fill("5.9")
        page.get_by_label("petal width (cm)").fill("2.3")
        assert window.predict().startswith("virginica\n")
        assert f"{url}/predict" in page.locator("#text").inner_text()

        page.goto(f"{url}/docs")
        page.locator(".opblock-summary-path", has_text="/predict").first.click()
        with page.expect_response(f"{url}/predict") as answer:
            page.get_by_role("button", name="Execute").click()
        assert set(answer.value.json()["predictions"]) == {"setosa"}
        assert all(asked.startswith(url) for asked in window.asked), window.asked
        assert window.complaints == []


def test_the_gateway_accepts_the_route_and_tells_so(front: Front, release: Space) -> None:
    (parent,) = release.get("httproute", NAME)["status"]["parents"]
    assert parent["parentRef"]["name"] == front.name
    assert condition(parent, "Accepted")
    assert condition(parent, "ResolvedRefs")


def test_a_file_is_scored_through_the_ingress_from_inside_the_image(front: Front, release: Space) -> None:
    release.start_client(hostAliases=front.aliases)
    release.kubectl("exec", "-i", "client", "--", "python", "-c", WRITE, CA_FILE, given=front.authority.text)
    rows = [question["body"]["instances"][0] for question in (SETOSA, VIRGINICA)] * (ROWS // 2)
    table = "".join(f"{','.join(map(str, row))}\n" for row in rows)
    command = ("exec", "-i", "client", "--", "ml-api", "predict", f"https://{INGRESS_HOST}{PREFIX}", "--data", "-")
    outcome = release.kube.kubectl(*command, "--batch-rows", "50", "--ca-file", CA_FILE, given=table)
    assert outcome.ok, outcome.errors
    assert outcome.output.split() == ["predict", *["setosa", "virginica"] * (ROWS // 2)]
    assert f"{ROWS} rows are answered." in outcome.errors
    distrusted = release.kube.kubectl(*command, given=table)
    assert not distrusted.ok
    assert "CERTIFICATE_VERIFY_FAILED" in distrusted.errors


@pytest.mark.timeout(300)
def test_a_canary_gets_its_weight_of_the_requests_and_a_rollout_behind_the_gateway_loses_none(
    front: Front, space: Space, tmp_path: Path
) -> None:
    first, second = iris_model(tmp_path / "1", "1"), iris_model(tmp_path / "2", "2", upper=True)
    address = serve_models(space, {"1": first, "2": second})
    model = {"uri": f"{address}/1", "sha256": first.sha256}
    candidate = {"uri": f"{address}/2", "sha256": second.sha256}
    canary = {"model": candidate, "weight": 0}
    route = {"enabled": True, "parentRefs": [front.parent], "hostnames": [CANARY_HOST]}
    space.install({"replicaCount": 2, "model": model, "canary": canary, "httpRoute": route, **DRAINING, **QUICK})
    space.start_client(hostAliases=front.aliases)
    until(lambda: heard(space), "the route leads to the pods")

    with traffic(space, url=URL, rate=300, questions=QUESTIONS) as clients:
        space.upgrade("--set=canary.enabled=true")
        assert heard(space) == {"setosa"}
        space.upgrade(f"--set=canary.weight={WEIGHT}")
        until(lambda: "SETOSA" in heard(space), "the gateway has heard of the weight")
        assert_weighed(space)
        before = space.pod_names()
        space.upgrade("--set=podAnnotations.rolled=once")
        assert not before & space.pod_names()
        space.upgrade("--set=canary.enabled=false")
        until(lambda: heard(space) == {"setosa"}, "the gateway has heard of the abort", 30)
        space.upgrade("--set=canary.enabled=true,canary.weight=0")
        space.upgrade(f"--set=canary.weight={WEIGHT}")
        space.upgrade(values={"model": candidate, "canary": {"enabled": False}})
        until(lambda: heard(space) == {"SETOSA"}, "the gateway has heard of the promotion", 30)
        tally = clients.stop()

    assert tally["failed"] == 0, tally
    assert tally["right"] == tally["sent"] > SENT


def assert_weighed(space: Space) -> None:
    """See that the second version answers its share of the requests, also over kept connections."""
    with traffic(space, url=URL, questions=QUESTIONS) as clients:
        clients.sent(WEIGHED)
        tally = clients.stop()
    assert tally["failed"] == 0, tally
    share = sum(number for answer, number in tally["answers"].items() if answer in UPPER) / tally["right"]
    deviation = math.sqrt(WEIGHT / 100 * (1 - WEIGHT / 100) / tally["right"])
    assert abs(share - WEIGHT / 100) < DEVIATIONS * deviation, share


def heard(space: Space) -> set[str]:
    """What the gateway answers to some requests; nothing while it knows no way."""
    return {answer["body"]["predictions"][0] for answer in space.try_ask(URL, 20)}
