"""The sections of an environment spec, one file each."""

from lakeplane.spec.sections.access import AccessSpec
from lakeplane.spec.sections.aks import AksSpec
from lakeplane.spec.sections.cost import CostSpec, HubCostSpec
from lakeplane.spec.sections.databricks import DatabricksSpec, SqlWarehouseSpec
from lakeplane.spec.sections.diagnostic_settings import DiagnosticSettings, DiagnosticSettingSpec
from lakeplane.spec.sections.encryption import EncryptionSpec
from lakeplane.spec.sections.exceptions import Exceptions, RuleExceptionSpec
from lakeplane.spec.sections.groups import GroupsSpec
from lakeplane.spec.sections.lake import LakeSpec
from lakeplane.spec.sections.ml import MlSpec
from lakeplane.spec.sections.network import NetworkSpec
from lakeplane.spec.sections.pipelines import PipelinesSpec
from lakeplane.spec.sections.rights import RoleAssignments, RoleAssignmentSpec, Service
from lakeplane.spec.sections.serving import ServingSpec
from lakeplane.spec.sections.watch import WatchSpec

__all__ = [
    "AccessSpec",
    "AksSpec",
    "CostSpec",
    "DatabricksSpec",
    "DiagnosticSettingSpec",
    "DiagnosticSettings",
    "EncryptionSpec",
    "Exceptions",
    "GroupsSpec",
    "HubCostSpec",
    "LakeSpec",
    "MlSpec",
    "NetworkSpec",
    "PipelinesSpec",
    "RoleAssignmentSpec",
    "RoleAssignments",
    "RuleExceptionSpec",
    "Service",
    "ServingSpec",
    "SqlWarehouseSpec",
    "WatchSpec",
]
