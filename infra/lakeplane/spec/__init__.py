"""What a team writes: environment specs and workload manifests, checked, with places for every finding."""

from lakeplane.spec.interpolation import VARIABLES, interpolate, spec_values
from lakeplane.spec.loader import load_spec
from lakeplane.spec.models import EnvironmentSpec
from lakeplane.spec.sections import (
    AccessSpec,
    AksSpec,
    DatabricksSpec,
    EncryptionSpec,
    GroupsSpec,
    LakeSpec,
    MlSpec,
    NetworkSpec,
    ServingSpec,
    WatchSpec,
)
from lakeplane.spec.workloads import TableContract, Workload, find_workloads, load_workload

__all__ = [
    "VARIABLES",
    "AccessSpec",
    "AksSpec",
    "DatabricksSpec",
    "EncryptionSpec",
    "EnvironmentSpec",
    "GroupsSpec",
    "LakeSpec",
    "MlSpec",
    "NetworkSpec",
    "ServingSpec",
    "TableContract",
    "WatchSpec",
    "Workload",
    "find_workloads",
    "interpolate",
    "load_spec",
    "load_workload",
    "spec_values",
]
