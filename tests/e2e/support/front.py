"""What stands in front of the services: Contour and Envoy in one pod, for Ingresses and routes of the Gateway API."""

import json
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import yaml
from certificates import Certificate, make_authority
from space import RESTRICTED, Object, Space, recorded_image
from waiting import until

from tools.base.programs import capture

ROOT = Path(__file__).parents[3]
NAME = "front"
INGRESS_HOST = "ingress.example.com"
ROUTE_HOST = "route.example.com"
CANARY_HOST = "canary.example.com"
HOSTS = (INGRESS_HOST, ROUTE_HOST, CANARY_HOST)
DOCKERFILE = """\
FROM python:3.13-slim
COPY contour envoy /usr/local/bin/
USER 10001
ENTRYPOINT []
"""
KIND = "customresourcedefinition.apiextensions.k8s.io"
PORTS = {"http": (80, 8080), "https": (443, 8443)}


@dataclass(frozen=True)
class Front:
    """A gateway that runs.

    Attributes:
        space: Its namespace; gateway, class of gateways and class of Ingresses are called like it.
        address: Its Service inside the cluster.
        node_ports: The ports of a node that lead to it, by `http` and `https`.
        authority: Who signed the certificate of its hosts.
        certificate: That certificate.
    """

    space: Space
    address: str
    node_ports: dict[str, int]
    authority: Certificate
    certificate: Certificate

    @property
    def name(self) -> str:
        return self.space.name

    @property
    def aliases(self) -> list[Object]:
        """Its hosts, for pods that are to find them."""
        return [{"ip": self.address, "hostnames": list(HOSTS)}]

    @property
    def parent(self) -> Object:
        """The gateway, as a route names it."""
        return {"name": self.name, "namespace": self.name}


def start_front(space: Space) -> Front:
    """Run it, with everything that it wants in the cluster."""
    define(space)
    authority = make_authority()
    certificate = authority.sign(*HOSTS)
    secret = tls_secret("hosts", certificate)
    space.apply(*rights(space.name), *classes(space.name), secret, gateway(space.name), *workload(space.name))
    space.kubectl("wait", "--for=condition=Ready", f"pod/{NAME}", "--timeout=120s")
    service = space.get("service", NAME)["spec"]
    node_ports = {port["name"]: port["nodePort"] for port in service["ports"]}
    until(lambda: condition(space.get("gateway", space.name)["status"], "Programmed"), "the gateway is programmed")
    return Front(space, service["clusterIP"], node_ports, authority, certificate)


def stop_front(space: Space) -> None:
    """Remove what belongs to no namespace; the definitions stay, others may use them."""
    for kind in ("gatewayclass", "ingressclass", "clusterrole", "clusterrolebinding"):
        space.kubectl("delete", kind, space.name, "--ignore-not-found", "--wait=false")


def condition(status: Object, kind: str) -> bool:
    """Tell whether a condition holds."""
    return any(item["type"] == kind and item["status"] == "True" for item in status.get("conditions", []))


def tls_secret(name: str, certificate: Certificate) -> Object:
    data = {"tls.crt": certificate.text, "tls.key": certificate.key_text}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "type": "kubernetes.io/tls"} | {
        "stringData": data
    }


def examples() -> Path:
    """Where the Go command unpacked the manifests that come with the pinned Contour."""
    command = ["go", "mod", "download", "-json", "github.com/projectcontour/contour"]
    done = subprocess.run(command, cwd=ROOT / "tools/contour", capture_output=True, text=True, check=True)
    return Path(json.loads(done.stdout)["Dir"]) / "examples"


def define(space: Space) -> None:
    """Make the definitions of the Gateway API and of Contour known; those that the cluster has stay as they are."""
    known = space.kubectl("get", "customresourcedefinitions", "--output=name").split()
    for name in ("gateway/00-crds.yaml", "contour/01-crds.yaml"):
        documents = [item for item in yaml.safe_load_all((examples() / name).read_text()) if item]
        missing = [item for item in documents if f"{KIND}/{item['metadata']['name']}" not in known]
        if missing:
            made = {"apiVersion": "v1", "kind": "List", "items": missing}
            space.kubectl("create", "--filename=-", given=json.dumps(made, default=str))
            names = [item["metadata"]["name"] for item in missing]
            space.kubectl("wait", "--for=condition=Established", "customresourcedefinitions", *names, "--timeout=30s")


def rights(name: str) -> list[Object]:
    """What Contour may see and write: the rules that it comes with."""
    documents = yaml.safe_load_all((examples() / "contour/02-role-contour.yaml").read_text())
    rules = next(item["rules"] for item in documents if item and item["kind"] == "ClusterRole")
    group = "rbac.authorization.k8s.io"
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": NAME}},
        {"apiVersion": f"{group}/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": rules},
        {
            "apiVersion": f"{group}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": name},
            "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": name},
            "subjects": [{"kind": "ServiceAccount", "name": NAME, "namespace": name}],
        },
    ]


def classes(name: str) -> list[Object]:
    return [
        {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "GatewayClass",
            "metadata": {"name": name},
            "spec": {"controllerName": "projectcontour.io/gateway-controller"},
        },
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "IngressClass",
            "metadata": {"name": name},
            "spec": {"controller": "projectcontour.io/ingress-controller"},
        },
    ]


def gateway(name: str) -> Object:
    """One that every namespace may attach routes to, with and without TLS."""
    everybody = {"namespaces": {"from": "All"}}
    plain = {"name": "http", "protocol": "HTTP", "port": 80, "allowedRoutes": everybody}
    tls = {"mode": "Terminate", "certificateRefs": [{"name": "hosts"}]}
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "Gateway",
        "metadata": {"name": name},
        "spec": {
            "gatewayClassName": name,
            "listeners": [plain, plain | {"name": "https", "protocol": "HTTPS", "port": 443, "tls": tls}],
        },
    }


def workload(name: str) -> list[Object]:
    """The pod, its configuration and its Service."""
    config = {"gateway": {"gatewayRef": {"name": name, "namespace": name}}}
    return [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": NAME},
            "data": {"contour.yaml": json.dumps(config)},
        },
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": NAME, "labels": {"app": NAME}},
            "spec": pod(name, push_image()),
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": NAME},
            "spec": {
                "type": "NodePort",
                "selector": {"app": NAME},
                "ports": [
                    {"name": port, "port": outside, "targetPort": inside} for port, (outside, inside) in PORTS.items()
                ],
            },
        },
    ]


def pod(name: str, image: str) -> Object:
    """Envoy, and beside it Contour, from which it learns on the pod's own loopback."""
    mounts = {"volumeMounts": [{"name": "shared", "mountPath": "/shared"}, {"name": "config", "mountPath": "/config"}]}
    common = {"image": image, "securityContext": RESTRICTED, **mounts}
    xds = ("--xds-address=127.0.0.1", "--xds-port=8001")
    boot = ["contour", "bootstrap", "/shared/envoy.json", *xds, "--admin-address=/shared/admin.sock"]
    serve = ["contour", "serve", "--incluster", "--insecure", *xds, "--config-path=/config/contour.yaml"]
    serve += ["--disable-leader-election", f"--ingress-class-name={name}"]
    envoy = ["envoy", "-c", "/shared/envoy.json", "--service-cluster", NAME, "--service-node", NAME]
    ready = {"httpGet": {"path": "/ready", "port": 8002}, "periodSeconds": 1}
    return {
        "serviceAccountName": NAME,
        "terminationGracePeriodSeconds": 1,
        "initContainers": [{"name": "bootstrap", "command": boot, **common}],
        "containers": [
            {"name": "contour", "command": serve, **common},
            {"name": "envoy", "command": envoy, "readinessProbe": ready, **common},
        ],
        "volumes": [{"name": "shared", "emptyDir": {}}, {"name": "config", "configMap": {"name": NAME}}],
    }


def push_image() -> str:
    """Build the image of both programs and push it where the image under test is."""
    name = f"{recorded_image()['registry']}/ml-api-e2e-front:1"
    with tempfile.TemporaryDirectory() as folder:
        for program in ("contour", "envoy"):
            shutil.copy(ROOT / "bin" / program, folder)
        (Path(folder) / "Dockerfile").write_text(DOCKERFILE)
        built = capture("docker", "build", "--quiet", "--tag", name, folder)
    assert built.ok, built.errors
    pushed = capture("docker", "push", name)
    digest = re.search(r"digest: (sha256:[0-9a-f]{64})", pushed.output)
    assert pushed.ok, pushed.errors
    assert digest, pushed.output
    return f"{name}@{digest[1]}"
