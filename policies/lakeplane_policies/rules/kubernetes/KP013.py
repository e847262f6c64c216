"""Images are named by their digest.

A tag can be moved to another image between the review and the pull; a digest can't.

Anti-pattern:

    ContainerArgs(name="scoring", image="crcontoso.azurecr.io/scoring:latest")

Best practice:

    ContainerArgs(name="scoring", image=f"crcontoso.azurecr.io/scoring@sha256:{digest}")

Documents: Kubernetes documentation, "Images", section "Image digests".
"""

import re
from typing import Any

from lakeplane_policies.conditions import must
from lakeplane_policies.pods import every_container
from lakeplane_policies.rule import ALIKE, MANDATORY, Condition, Impact, Rule
from lakeplane_policies.tokens import WORKLOADS

_CONDITION = must("image", lambda image: bool(re.search(r"@sha256:[0-9a-f]{64}$", image)), "a digest")


def _judge(pod: Any) -> Condition:
    del pod  # the pod's own security context has no such setting
    return _CONDITION


RULE = Rule(
    code="KP013",
    title="images are named by their digest",
    types=WORKLOADS,
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=every_container(_judge),
    remedy="name the image by @sha256: and 64 hexadecimal digits",
    sources=(
        "CKV_K8S_14",
        "CKV_K8S_43",
    ),
)
