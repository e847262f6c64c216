"""What Azure Monitor refuses of diagnostic settings that stand beside others of the same resource."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lakeplane.local.simulators.model import Refusal, Scene, Target

__all__ = ["refuse_unfit_setting"]

_SETTING = "azure-native:monitor:DiagnosticSetting"
_SINKS = ("workspaceId", "storageAccountId", "eventHubAuthorizationRuleId")
# Microsoft Learn, "Diagnostic settings in Azure Monitor", destination limitations.
_MOST = 5
_ALL = "allLogs"


def refuse_unfit_setting(scene: Scene, target: Target) -> None:
    """Raise what Azure Monitor answers to a sixth setting, or to one that sends a log where it goes already.

    The words of the second are those of Azure/bicep-registry-modules issue 3407.
    """
    if target.type != _SETTING:
        return
    about = str(target.inputs["resourceUri"]).lower()
    others = [
        other.plain_inputs
        for other in scene.resources.of_type(_SETTING)
        if other.id.lower() != target.id.lower() and str(other.plain_inputs["resourceUri"]).lower() == about
    ]
    if len(others) >= _MOST:
        raise Refusal(409, "Conflict", f"{about} has {_MOST} diagnostic settings, and takes no more.")
    for other in others:
        shared = _sinks(other) & _sinks(target.inputs)
        category = _overlap(_categories(other), _categories(target.inputs))
        if shared and category:
            raise Refusal(
                409,
                "Conflict",
                f"Data sink '{min(shared)}' is already used in diagnostic setting '{other['name']}' for "
                f"category '{category}'. Data sinks can't be reused in different settings on the same "
                "category for the same resource.",
            )


def _sinks(inputs: Mapping[str, Any]) -> set[str]:
    return {str(inputs[name]).lower() for name in _SINKS if inputs.get(name)}


def _categories(inputs: Mapping[str, Any]) -> set[str]:
    logs = [one for one in inputs.get("logs") or () if one.get("enabled")]
    return {str(one.get("categoryGroup") or one.get("category")) for one in logs}


def _overlap(some: set[str], others: set[str]) -> str:
    """Return a category that both send; the group of all overlaps with each."""
    if _ALL in some | others and some and others:
        return min((some | others) - {_ALL}, default=_ALL)
    return min(some & others, default="")
