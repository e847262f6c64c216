"""Images come from the organisation's registries.

An image from a public registry is whatever its author makes of it tomorrow, and needs a way out to it.

Anti-pattern:

    ContainerArgs(name="scoring", image=f"docker.io/somebody/scoring@sha256:{digest}")

Best practice:

    ContainerArgs(name="scoring", image=f"crcontoso.azurecr.io/scoring@sha256:{digest}")

Documents: Microsoft Learn, "Azure Policy built-in definitions for Azure Kubernetes Service".
"""

import re
from typing import Any

from lakeplane_policies.conditions import must
from lakeplane_policies.pods import every_container
from lakeplane_policies.rule import ALIKE, MANDATORY, Condition, Impact, Rule
from lakeplane_policies.tokens import WORKLOADS

_REGISTRY = re.compile(r"([\w-]+\.azurecr\.io|mcr\.microsoft\.com)/")
_CONDITION = must("image", lambda image: bool(_REGISTRY.match(image)), "a registry of Azure")


def _judge(pod: Any) -> Condition:
    del pod  # the pod's own security context has no such setting
    return _CONDITION


RULE = Rule(
    code="KP014",
    title="images come from the organisation's registries",
    types=WORKLOADS,
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=every_container(_judge),
    remedy="import the image into an Azure Container Registry of yours",
    sources=(
        "CIS 5.1.4",
        "MCSB PV-6",
    ),
)
