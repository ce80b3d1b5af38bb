"""An upgrade whose values were forgotten is refused before it changes what is served."""

import pytest
from canaries import STABLE
from live_cluster import live_cluster, live_deployment

FORGOTTEN = "the release serves a model from outside its image, and these values name none; add --reset-then-reuse"
DIGEST = "ab" * 32


@pytest.fixture
def upgrade(run_helm, chart, tmp_path):
    """Render an upgrade of a release whose pods have this environment."""

    def rendered(env: list[dict], values: dict) -> str:
        spec = {"template": {"spec": {"containers": [{"name": "service", "env": env}]}}}
        with live_cluster(tmp_path, [live_deployment("iris-ml-api", spec=spec)]) as cluster:
            arguments = ["template", "iris", chart, "-n", "shop", "--dry-run=server", "--disable-openapi-validation"]
            return run_helm(*arguments, values=values, env=cluster)

    return rendered


def test_forgotten_values_do_not_bring_the_demo_in_place_of_a_model(upgrade):
    with pytest.raises(Exception, match=FORGOTTEN):
        upgrade([{"name": "ML_API_MODEL_DIR", "value": "/models"}], {"replicaCount": 3})


@pytest.mark.parametrize(
    ("env", "values"),
    [
        pytest.param("/models", {"model": STABLE}, id="another model"),
        pytest.param("/models", {"model": {"sha256": DIGEST}}, id="the one inside the image, on purpose"),
        pytest.param("/models", {"service": {"type": "ExternalName", "externalName": "a.example.com"}}, id="no pods"),
        pytest.param("", {"replicaCount": 3}, id="the demo as before"),
    ],
)
def test_other_upgrades_go_on(upgrade, env, values):
    assert "kind: Service" in upgrade([{"name": "ML_API_MODEL_DIR", "value": env}] if env else [], values)
