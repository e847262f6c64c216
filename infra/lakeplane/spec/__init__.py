"""What a team writes: environment specs and workload manifests, checked, with places for every finding."""

from lakeplane.spec.interpolation import VARIABLES, interpolate, spec_values
from lakeplane.spec.loader import load_spec
from lakeplane.spec.models import (
    AccessSpec,
    AksSpec,
    DatabricksSpec,
    EnvironmentSpec,
    GroupsSpec,
    LakeSpec,
    MlSpec,
    NetworkSpec,
    ServingSpec,
)
from lakeplane.spec.workloads import TableContract, Workload, find_workloads, load_workload

__all__ = [
    "VARIABLES",
    "AccessSpec",
    "AksSpec",
    "DatabricksSpec",
    "EnvironmentSpec",
    "GroupsSpec",
    "LakeSpec",
    "MlSpec",
    "NetworkSpec",
    "ServingSpec",
    "TableContract",
    "Workload",
    "find_workloads",
    "interpolate",
    "load_spec",
    "load_workload",
    "spec_values",
]
