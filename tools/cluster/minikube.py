"""The minikube cluster."""

from __future__ import annotations

import json

from tools.base.problem import Problem
from tools.base.programs import become, capture, show
from tools.cluster.settings import Settings

NEEDED_ADDON = "metrics-server"


def is_up(settings: Settings) -> bool:
    """Whether the cluster of the profile runs."""
    status = capture("minikube", "--profile", settings.profile, "status", "--output=json")
    try:
        state = json.loads(status.output)
    except ValueError:
        return False
    nodes = state if isinstance(state, list) else [state]
    return all(node.get("Host") == "Running" and node.get("Kubelet") == "Running" for node in nodes) and status.ok


def start(settings: Settings) -> None:
    """Start the cluster unless it runs, with the addons that are asked for."""
    profile = settings.profile
    if is_up(settings):
        print(f"minikube profile {profile} is up already.")
    elif show("minikube", "--profile", profile, "start", *_start_flags(settings)) != 0:
        message = (
            f"minikube could not start profile {profile}: the lines above say why; `make minikube-down` "
            "clears what is left of it."
        )
        raise Problem(message)
    for addon in _addons(settings):
        _enable(profile, addon)
    print(f"minikube profile {profile} is up, with {', '.join(_addons(settings))}.")


def stop(settings: Settings) -> None:
    """Delete the cluster of the profile."""
    deleted = capture("minikube", "--profile", settings.profile, "delete")
    if not deleted.ok:
        message = f"minikube could not delete profile {settings.profile}: {deleted.reason}."
        raise Problem(message)
    print(f"minikube profile {settings.profile} is deleted.")


def tunnel(settings: Settings) -> None:
    """Give addresses to Services of type LoadBalancer until Ctrl+C."""
    if not is_up(settings):
        message = f"minikube profile {settings.profile} is not up: run `make minikube-up`."
        raise Problem(message)
    print(
        "LoadBalancer Services have addresses while this runs; minikube may ask for your password. Stop with Ctrl+C.",
        flush=True,
    )
    become(*tunnel_command(settings))


def tunnel_command(settings: Settings) -> list[str]:
    """Give the command that routes this machine to the cluster's load balancers."""
    return ["minikube", "--profile", settings.profile, "tunnel"]


def _start_flags(settings: Settings) -> list[str]:
    """Give a flag only for what was asked for, so that `minikube config` stands for the rest."""
    wanted = {
        "--driver": settings.driver,
        "--cpus": settings.cpus,
        "--memory": settings.memory,
        "--kubernetes-version": settings.kubernetes_version,
    }
    return [f"{flag}={value}" for flag, value in wanted.items() if value]


def _addons(settings: Settings) -> list[str]:
    return list(dict.fromkeys([NEEDED_ADDON, *settings.addons.replace(",", " ").split()]))


def _enable(profile: str, addon: str) -> None:
    listed = capture("minikube", "--profile", profile, "addons", "list", "--output=json")
    known = json.loads(listed.output) if listed.ok else {}
    if known.get(addon, {}).get("Status") == "enabled":
        return
    enabled = capture("minikube", "--profile", profile, "addons", "enable", addon)
    if not enabled.ok:
        message = (
            f"minikube could not enable the addon {addon}: {enabled.reason}; `minikube addons list` names "
            "those there are."
        )
        raise Problem(message)
