"""Where the pods run."""


def test_pods_prefer_different_nodes_and_zones(render):
    spec = render().pod["spec"]
    (term,) = spec["affinity"]["podAntiAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]
    own = render().one("Deployment")["spec"]["selector"]["matchLabels"] | {"track": "stable"}
    selector = {"matchLabels": own}
    assert term["podAffinityTerm"] == {"topologyKey": "kubernetes.io/hostname", "labelSelector": selector}
    keys = [constraint["topologyKey"] for constraint in spec["topologySpreadConstraints"]]
    assert keys == ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]
    for constraint in spec["topologySpreadConstraints"]:
        assert constraint["labelSelector"] == selector
        assert constraint["whenUnsatisfiable"] == "ScheduleAnyway"


def test_the_spread_can_be_hardened_replaced_and_left_out(render):
    hard = render({"podAntiAffinity": "hard"}).pod["spec"]["affinity"]["podAntiAffinity"]
    assert list(hard) == ["requiredDuringSchedulingIgnoredDuringExecution"]
    off = render({"podAntiAffinity": "none", "topologySpreadConstraints": []}).pod["spec"]
    assert off.keys().isdisjoint({"affinity", "topologySpreadConstraints"})
    own = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "rack"}]}}
    assert render({"affinity": own}).pod["spec"]["affinity"] == own


def test_an_own_node_affinity_keeps_the_pods_apart(render):
    node = {"preferredDuringSchedulingIgnoredDuringExecution": []}
    affinity = render({"affinity": {"nodeAffinity": node}}).pod["spec"]["affinity"]
    assert affinity["nodeAffinity"] == node
    assert affinity["podAntiAffinity"]


def test_an_own_spread_constraint_keeps_its_selector(render):
    selector = {"matchLabels": {"a": "b"}}
    own = {"maxSkew": 2, "topologyKey": "rack", "whenUnsatisfiable": "DoNotSchedule", "labelSelector": selector}
    (constraint,) = render({"topologySpreadConstraints": [own]}).pod["spec"]["topologySpreadConstraints"]
    assert constraint["labelSelector"] == selector


def test_scheduling_reaches_the_pods(render, everything):
    rendered = render(everything)
    for name in ("nodeSelector", "tolerations", "priorityClassName", "runtimeClassName"):
        for spec in [rendered.pod["spec"], *(pod["spec"] for pod in rendered.kind("Pod"))]:
            assert spec[name] == everything[name]
