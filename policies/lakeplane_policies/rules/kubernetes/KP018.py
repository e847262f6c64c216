"""Pods have an account of their own, and no token of the cluster's.

The default account is everybody's, and a token in the file system is the API server's key for whoever reads
it. Workload identity needs neither.

Anti-pattern:

    PodSpecArgs(containers=[scoring])

Best practice:

    PodSpecArgs(service_account_name="scoring", automount_service_account_token=False, containers=[scoring])

Documents: Kubernetes documentation, "Configure Service Accounts for Pods".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import all_of, must, must_be
from lakeplane_policies.pods import every_pod
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import WORKLOADS

_NO_TOKEN = must_be("automountServiceAccountToken", False)
_POD = every_pod(all_of(must("serviceAccountName", lambda name: name not in ("", "default")), _NO_TOKEN))


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    # A service account has its switch at the top, and no spec.
    account = read(inputs, "spec") is State.ABSENT
    yield from (_NO_TOKEN if account else _POD)(inputs, settings)


RULE = Rule(
    code="KP018",
    title="pods have an account of their own, and no token of the cluster's",
    types=("kubernetes:core/v1:ServiceAccount", *WORKLOADS),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy="set service_account_name and automount_service_account_token=False",
    sources=(
        "CKV_K8S_38",
        "CKV_K8S_41",
        "CIS 4.1.5",
        "CIS 4.1.6",
    ),
)
