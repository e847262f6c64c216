"""Namespaces take restricted pods only.

The label makes the cluster itself refuse pods below the standard, whoever sends them. Without it, only what
this program registers is looked at.

Anti-pattern:

    Namespace("serving", metadata=ObjectMetaArgs(name="serving"))

Best practice:

    Namespace(
        "serving",
        metadata=ObjectMetaArgs(name="serving", labels={"pod-security.kubernetes.io/enforce": "restricted"}),
    )

Documents: Kubernetes documentation, "Pod Security Admission".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import NOT_SET, show, unknown
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import NAMESPACE

_LABEL = "pod-security.kubernetes.io/"


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    del settings
    labels = read(inputs, "metadata.labels")
    where = ("metadata", "labels")
    if labels is State.UNKNOWN:
        yield unknown(*where)
        return
    given = labels if isinstance(labels, dict) else {}
    for name in ("enforce", "audit", "warn"):
        level = given.get(f"{_LABEL}{name}", State.ABSENT if name == "enforce" else "restricted")
        if level is State.UNKNOWN:
            yield unknown(*where, f"{_LABEL}{name}")
        elif level != "restricted":
            found = NOT_SET if level is State.ABSENT else show(level)
            yield Violation((*where, f"{_LABEL}{name}"), found)


RULE = Rule(
    code="KP016",
    title="namespaces take restricted pods only",
    types=(NAMESPACE,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy="set the label pod-security.kubernetes.io/enforce to restricted, and audit and warn too",
    sources=(
        "CIS 4.6.3",
        "CIS 4.2.1",
    ),
)
