"""Our tables of allowed values against what others say: databricks-sdk, and the Kubernetes API reference."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator

import pulumi_databricks
import pytest
from databricks.sdk.service.iam import PermissionLevel
from pulumi import _types
from pulumi_databricks import _inputs

from lakeplane.provider_models.sdk_types import is_args_class
from lakeplane.registration.azure_values import AZURE_REQUIRED, AZURE_VALUES
from lakeplane.registration.databricks_values import (
    DATABRICKS_REQUIRED,
    DATABRICKS_VALUES,
    PERMISSION_LEVELS,
    ValueRow,
)
from lakeplane.registration.kubernetes_values import KUBERNETES_VALUES

# The reference explains these without naming each value; they stand in the API's Go types of Kubernetes 1.35
# (`k8s.io/api`: autoscaling/v2, core/v1, apps/v1 types.go) and, for subjects, in rbac/v1.
UNNAMED_IN_REFERENCE = frozenset(
    {
        ("HPAScalingPolicy", "type"),
        ("HPAScalingRules", "selectPolicy"),
        ("HTTPGetAction", "scheme"),
        ("MetricSpec", "type"),
        ("PersistentVolumeClaimSpec", "accessModes"),
        ("PersistentVolumeClaimSpec", "volumeMode"),
        ("StatefulSetUpdateStrategy", "type"),
    }
)
KUBERNETES_MODULES = (
    "apps.v1",
    "autoscaling.v2",
    "batch.v1",
    "core.v1",
    "meta.v1",
    "networking.v1",
    "policy.v1",
    "rbac.v1",
)


def _wire_names(cls: type[object]) -> set[str]:
    return set(_types.input_type_py_to_pulumi_names(cls).values())


def _databricks_classes() -> Iterator[type[object]]:
    yield from (cls for cls in vars(_inputs).values() if is_args_class(cls))
    for name in dir(pulumi_databricks):
        if name.endswith("Args") and is_args_class(cls := getattr(pulumi_databricks, name)):
            yield cls


@pytest.fixture(scope="module")
def databricks_classes() -> dict[str, type[object]]:
    return {cls.__name__: cls for cls in _databricks_classes()}


@pytest.mark.parametrize("row", DATABRICKS_VALUES, ids=lambda row: f"{row.wire}-{row.source[:40]}")
def test_databricks_row_is_what_the_sdk_says(
    row: ValueRow, databricks_classes: dict[str, type[object]]
) -> None:
    assert any(
        re.fullmatch(row.classes, name) and row.wire in _wire_names(cls)
        for name, cls in databricks_classes.items()
    ), "no class of the provider has this input"
    if re.fullmatch(r"[a-z]+\.[A-Za-z]+", row.source):
        module, enumeration = row.source.split(".")
        values = getattr(importlib.import_module(f"databricks.sdk.service.{module}"), enumeration)
        assert sorted(row.values) == sorted(member.value for member in values)
    else:
        assert re.search(r"databricks-sdk|Databricks|Terraform", row.source)


def test_permission_levels_are_levels_of_known_objects(databricks_classes: dict[str, type[object]]) -> None:
    assert set(PERMISSION_LEVELS) <= _wire_names(databricks_classes["PermissionsArgs"])
    levels = {level for levels in PERMISSION_LEVELS.values() for level in levels}
    assert levels <= {level.value for level in PermissionLevel}


def test_required_inputs_exist(databricks_classes: dict[str, type[object]]) -> None:
    for name, wires in DATABRICKS_REQUIRED.items():
        assert set(wires) <= _wire_names(databricks_classes[name])
    for (module, name), wires in {**AZURE_REQUIRED, **AZURE_VALUES}.items():
        package = importlib.import_module(f"pulumi_azure_native.{module}")
        cls = getattr(package, name, None) or getattr(
            importlib.import_module(f"{package.__name__}._inputs"), name
        )
        assert set(wires) <= _wire_names(cls)


@pytest.mark.parametrize("name", sorted(KUBERNETES_VALUES))
def test_kubernetes_values_stand_in_the_reference(name: str) -> None:
    classes = [
        cls
        for module in KUBERNETES_MODULES
        if (
            cls := getattr(
                importlib.import_module(f"pulumi_kubernetes.{module}._inputs"), f"{name}Args", None
            )
        )
    ]
    assert classes
    for wire, values in KUBERNETES_VALUES[name].items():
        owners = [cls for cls in classes if wire in _wire_names(cls)]
        assert owners, wire
        for cls in owners:
            python = next(py for py, w in _types.input_type_py_to_pulumi_names(cls).items() if w == wire)
            reference = getattr(cls, python).fget.__doc__ or ""
            absent = [value for value in values if value not in reference]
            assert not absent or (name, wire) in UNNAMED_IN_REFERENCE, (wire, absent)
