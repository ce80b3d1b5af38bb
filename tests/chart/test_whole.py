"""The chart as a whole: every type of Service with every scaler and monitoring, valid, repeatable and quick."""

import itertools
import time

import kubernetes_validate
import pytest
import yaml

SERVICES = {
    "ClusterIP": {},
    "NodePort": {"nodePort": 30080},
    "LoadBalancer": {"loadBalancerClass": "example.com/lb", "loadBalancerSourceRanges": ["10.0.0.0/8"]},
    "ExternalName": {"externalName": "iris.example.com"},
}
SCALERS = {
    "none": {},
    "HorizontalPodAutoscaler": {"autoscaling": {"enabled": True}},
    "ScaledObject": {"keda": {"enabled": True, "triggers": [{"type": "cron", "metadata": {"desiredReplicas": "5"}}]}},
}
MONITORS = {"ServiceMonitor": "serviceMonitor", "PrometheusRule": "prometheusRule"}
NEWEST = "1.37"
CUSTOM = {"HTTPRoute", "PrometheusRule", "ScaledObject", "ServiceMonitor"}  # checked by kubeconform in `make lint`


@pytest.mark.parametrize(("service", "scaler", "monitored"), list(itertools.product(SERVICES, SCALERS, [False, True])))
def test_every_service_goes_with_every_scaler_and_monitoring_unless_it_has_no_pods(
    render, refusal, service, scaler, monitored
):
    values = {"service": {"type": service} | SERVICES[service]} | SCALERS[scaler]
    values |= {section: {"enabled": True} for section in MONITORS.values()} if monitored else {}
    if service == "ExternalName" and (monitored or scaler != "none"):
        assert "needs pods, and service.type ExternalName has none" in refusal(values)
        return
    rendered = render(values)
    kinds = {item["kind"] for item in rendered.objects}
    assert rendered.one("Service")["spec"]["type"] == service
    assert kinds & {"HorizontalPodAutoscaler", "ScaledObject"} == {scaler} - {"none"}
    assert kinds & set(MONITORS) == (set(MONITORS) if monitored else set())
    assert ("Deployment" in kinds) is (service != "ExternalName")
    assert_valid(rendered)


def assert_valid(rendered) -> None:
    for item in rendered.objects:
        if item["kind"] not in CUSTOM:
            kubernetes_validate.validate(item, NEWEST, strict=True)


def test_every_example_is_valid_for_the_newest_kubernetes(render, chart):
    """Against the oldest one, and the CRDs, kubeconform checks them in `make lint`."""
    files = sorted((chart / "ci").glob("*-values.yaml"))
    assert files
    for path in files:
        assert_valid(render(yaml.safe_load(path.read_text()), "--kube-version", f"{NEWEST}.0"))


def test_rendering_twice_gives_the_same_bytes(run_helm, chart, everything):
    first, second = (run_helm("template", "iris", chart, values=everything) for _ in range(2))
    assert first == second


def test_everything_renders_in_three_tenths_of_a_second(run_helm, chart, everything):
    """The best of five, as the machine has other things to do."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        run_helm("template", "iris", chart, values=everything)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.3


def test_helm_finds_nothing_to_complain_about(run_helm, chart):
    assert "0 chart(s) failed" in run_helm("lint", "--strict", chart, values={})


def test_no_object_is_printed_twice(render, everything):
    names = [(item["kind"], item["metadata"]["name"]) for item in render(everything).objects]
    assert len(names) == len(set(names))
