"""ML compute goes away when nothing runs.

A cluster that keeps nodes, or an instance that never stops, costs day and night for nothing.

Anti-pattern:

    ScaleSettingsArgs(max_node_count=4, min_node_count=1)

Best practice:

    ScaleSettingsArgs(max_node_count=4, min_node_count=0, node_idle_time_before_scale_down="PT15M")

Documents: Microsoft Learn, "Manage and optimize Azure Machine Learning costs".
"""

import re
from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import must
from lakeplane_policies.reading import read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import ML_COMPUTE

_SCALE = "properties.properties.scaleSettings"
_TO_ZERO = must(f"{_SCALE}.minNodeCount", lambda nodes: nodes == 0 and nodes is not False, "0")
_IDLE = must(f"{_SCALE}.nodeIdleTimeBeforeScaleDown", lambda time: _minutes(time) <= 120, "PT2H at most")
_STOPS = must(
    "properties.properties.idleTimeBeforeShutdown", lambda time: _minutes(time) <= 180, "PT3H at most"
)
_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:\d+S)?")


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    if read(inputs, "properties.computeType") == "ComputeInstance":
        yield from _STOPS(inputs, settings)
    else:
        yield from _TO_ZERO(inputs, settings)
        yield from _IDLE(inputs, settings)


def _minutes(text: Any) -> int:
    found = _DURATION.fullmatch(str(text))
    if found is None or text == "PT":
        raise ValueError("no duration of hours and minutes")
    return 60 * int(found[1] or 0) + int(found[2] or 0)


RULE = Rule(
    code="ML008",
    title="ML compute goes away when nothing runs",
    types=(ML_COMPUTE,),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy="set min_node_count=0 and an idle time, or idle_time_before_shutdown of an instance",
    sources=(
        "CKV_AZURE_150",
        "PSRule Azure.ML.ComputeIdleShutdown",
    ),
)
