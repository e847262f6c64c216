"""Values that Databricks' API allows where the Pulumi SDK says only "text".

Taken from databricks-sdk 0.156 (the enumerations of `databricks.sdk.service`, read 2026-11-24); the tests
compare every row with the installed version. Rows without an enumeration there name their source.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["DATABRICKS_REQUIRED", "DATABRICKS_VALUES", "PERMISSION_LEVELS", "ValueRow", "databricks_values"]


@dataclass(frozen=True, slots=True)
class ValueRow:
    """The values of one input, or of the items of one list.

    Attributes:
        classes: Pattern that the whole name of the SDK's class matches.
        wire: The input's name on the wire.
        values: What the service takes.
        source: Where that is said: `<module>.<enumeration>` of databricks-sdk, else a document.
    """

    classes: str
    wire: str
    values: tuple[str, ...]
    source: str


_TASK = r"Job(Task|TaskForEachTaskTask)?"
_RULES = r"Job(Task|TaskForEachTaskTask)?HealthRuleArgs"

_ALERT = "BudgetAlertConfigurationArgs"

DATABRICKS_VALUES: tuple[ValueRow, ...] = (
    ValueRow(
        ".*",
        "dataSecurityMode",
        (
            "DATA_SECURITY_MODE_AUTO",
            "DATA_SECURITY_MODE_DEDICATED",
            "DATA_SECURITY_MODE_STANDARD",
            "LEGACY_PASSTHROUGH",
            "LEGACY_SINGLE_USER",
            "LEGACY_SINGLE_USER_STANDARD",
            "LEGACY_TABLE_ACL",
            "NONE",
            "SINGLE_USER",
            "USER_ISOLATION",
        ),
        "compute.DataSecurityMode",
    ),
    ValueRow(".*", "runtimeEngine", ("NULL", "PHOTON", "STANDARD"), "compute.RuntimeEngine"),
    ValueRow(
        r"InstancePoolAzureAttributesArgs",
        "availability",
        ("ON_DEMAND_AZURE", "SPOT_AZURE"),
        "compute.InstancePoolAzureAttributesAvailability",
    ),
    ValueRow(
        r".*ClusterAzureAttributesArgs",
        "availability",
        ("ON_DEMAND_AZURE", "SPOT_AZURE", "SPOT_WITH_FALLBACK_AZURE"),
        "compute.AzureAvailability",
    ),
    ValueRow(
        r"InstancePoolDiskSpecDiskTypeArgs",
        "azureDiskVolumeType",
        ("PREMIUM_LRS", "STANDARD_LRS"),
        "compute.DiskTypeAzureDiskVolumeType",
    ),
    ValueRow(r"Job.*", "pauseStatus", ("PAUSED", "UNPAUSED"), "jobs.PauseStatus"),
    ValueRow(
        r"JobTaskArgs",
        "runIf",
        (
            "ALL_DONE",
            "ALL_FAILED",
            "ALL_SUCCESS",
            "AT_LEAST_ONE_FAILED",
            "AT_LEAST_ONE_SUCCESS",
            "NONE_FAILED",
        ),
        "jobs.RunIf",
    ),
    ValueRow(
        r"JobArgs", "performanceTarget", ("PERFORMANCE_OPTIMIZED", "STANDARD"), "jobs.PerformanceTarget"
    ),
    ValueRow(r"JobArgs", "editMode", ("EDITABLE", "UI_LOCKED"), "jobs.JobEditMode"),
    ValueRow(r"JobArgs", "format", ("MULTI_TASK", "SINGLE_TASK"), "jobs.Format"),
    ValueRow(
        _TASK + r"(DbtTask|NotebookTask|SparkPythonTask|SqlTaskFile)Args",
        "source",
        ("GIT", "WORKSPACE"),
        "jobs.Source",
    ),
    ValueRow(
        _TASK + r"ConditionTaskArgs",
        "op",
        (
            "EQUAL_TO",
            "GREATER_THAN",
            "GREATER_THAN_OR_EQUAL",
            "LESS_THAN",
            "LESS_THAN_OR_EQUAL",
            "NOT_EQUAL",
        ),
        "jobs.ConditionTaskOp",
    ),
    ValueRow(
        _RULES,
        "metric",
        (
            "RUN_DURATION_SECONDS",
            "STREAMING_BACKLOG_BYTES",
            "STREAMING_BACKLOG_FILES",
            "STREAMING_BACKLOG_RECORDS",
            "STREAMING_BACKLOG_SECONDS",
        ),
        "jobs.JobsHealthMetric",
    ),
    ValueRow(_RULES, "op", ("GREATER_THAN",), "jobs.JobsHealthOperator"),
    ValueRow(
        r"JobTriggerPeriodicArgs",
        "unit",
        ("DAYS", "HOURS", "MINUTES", "WEEKS"),
        "jobs.PeriodicTriggerConfigurationTimeUnit",
    ),
    ValueRow(r"CatalogArgs", "isolationMode", ("ISOLATED", "OPEN"), "catalog.CatalogIsolationMode"),
    ValueRow(
        r"(ExternalLocation|StorageCredential)Args",
        "isolationMode",
        ("ISOLATION_MODE_ISOLATED", "ISOLATION_MODE_OPEN"),
        "catalog.IsolationMode",
    ),
    ValueRow(r"VolumeArgs", "volumeType", ("EXTERNAL", "MANAGED"), "catalog.VolumeType"),
    ValueRow(
        r"WorkspaceBindingArgs",
        "bindingType",
        ("BINDING_TYPE_READ_ONLY", "BINDING_TYPE_READ_WRITE"),
        "catalog.WorkspaceBindingBindingType",
    ),
    ValueRow(
        r"SqlEndpointArgs",
        "warehouseType",
        ("CLASSIC", "PRO", "REALTIME", "TYPE_UNSPECIFIED"),
        "sql.CreateWarehouseRequestWarehouseType",
    ),
    ValueRow(
        r"SqlEndpointArgs",
        "spotInstancePolicy",
        ("COST_OPTIMIZED", "POLICY_UNSPECIFIED", "RELIABILITY_OPTIMIZED"),
        "sql.SpotInstancePolicy",
    ),
    ValueRow(
        r"SqlEndpointArgs",
        "clusterSize",
        (
            "2X-Small",
            "X-Small",
            "Small",
            "Medium",
            "Large",
            "X-Large",
            "2X-Large",
            "3X-Large",
            "4X-Large",
            "5X-Large",
        ),
        "databricks-sdk 0.156, docstring of `sql.CreateWarehouseRequest.cluster_size`",
    ),
    ValueRow(r"NotebookArgs", "language", ("PYTHON", "R", "SCALA", "SQL"), "workspace.Language"),
    ValueRow(
        r"(Grants?GrantArgs|GrantArgs)",
        "privileges",
        (
            "ACCESS",
            "ALL_PRIVILEGES",
            "APPLY_TAG",
            "BROWSE",
            "CREATE",
            "CREATE_CATALOG",
            "CREATE_CLEAN_ROOM",
            "CREATE_CONNECTION",
            "CREATE_EXTERNAL_LOCATION",
            "CREATE_EXTERNAL_TABLE",
            "CREATE_EXTERNAL_VOLUME",
            "CREATE_FOREIGN_CATALOG",
            "CREATE_FOREIGN_SECURABLE",
            "CREATE_FUNCTION",
            "CREATE_MANAGED_STORAGE",
            "CREATE_MATERIALIZED_VIEW",
            "CREATE_MODEL",
            "CREATE_PROVIDER",
            "CREATE_RECIPIENT",
            "CREATE_SCHEMA",
            "CREATE_SERVICE_CREDENTIAL",
            "CREATE_SHARE",
            "CREATE_STORAGE_CREDENTIAL",
            "CREATE_TABLE",
            "CREATE_VIEW",
            "CREATE_VOLUME",
            "EXECUTE",
            "EXECUTE_CLEAN_ROOM_TASK",
            "EXTERNAL_USE_LOCATION",
            "EXTERNAL_USE_SCHEMA",
            "MANAGE",
            "MANAGE_ALLOWLIST",
            "MODIFY",
            "MODIFY_CLEAN_ROOM",
            "READ_FILES",
            "READ_METADATA",
            "READ_PRIVATE_FILES",
            "READ_VOLUME",
            "REFRESH",
            "SELECT",
            "SET_SHARE_PERMISSION",
            "USAGE",
            "USE_CATALOG",
            "USE_CONNECTION",
            "USE_MARKETPLACE_ASSETS",
            "USE_PROVIDER",
            "USE_RECIPIENT",
            "USE_SCHEMA",
            "USE_SHARE",
            "WRITE_FILES",
            "WRITE_PRIVATE_FILES",
            "WRITE_VOLUME",
        ),
        "catalog.Privilege",
    ),
    ValueRow(_ALERT, "timePeriod", ("MONTH",), "billing.AlertConfigurationTimePeriod"),
    ValueRow(
        _ALERT, "triggerType", ("CUMULATIVE_SPENDING_EXCEEDED",), "billing.AlertConfigurationTriggerType"
    ),
    ValueRow(_ALERT, "quantityType", ("LIST_PRICE_DOLLARS_USD",), "billing.AlertConfigurationQuantityType"),
    ValueRow(
        "BudgetAlertConfigurationActionConfigurationArgs",
        "actionType",
        ("BLOCK_USAGE", "EMAIL_NOTIFICATION"),
        "billing.ActionConfigurationType",
    ),
    ValueRow(
        "BudgetFilter(WorkspaceId|TagValue)Args",
        "operator",
        ("IN",),
        "billing.BudgetConfigurationFilterOperator",
    ),
)

# By the input that names the object: `permissions/permission_definitions.go` of the Terraform provider
# (commit 05f0d2f, read 2026-11-24), which refuses other levels; the Pulumi provider is made from it.
PERMISSION_LEVELS: Mapping[str, tuple[str, ...]] = {
    "clusterPolicyId": ("CAN_USE",),
    "instancePoolId": ("CAN_ATTACH_TO", "CAN_MANAGE"),
    "clusterId": ("CAN_ATTACH_TO", "CAN_RESTART", "CAN_MANAGE"),
    "jobId": ("CAN_VIEW", "CAN_MANAGE_RUN", "IS_OWNER", "CAN_MANAGE"),
    "pipelineId": ("CAN_VIEW", "CAN_RUN", "IS_OWNER", "CAN_MANAGE"),
    "sqlEndpointId": ("CAN_VIEW", "CAN_USE", "CAN_MONITOR", "IS_OWNER", "CAN_MANAGE"),
    "notebookId": ("CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"),
    "notebookPath": ("CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"),
    "directoryId": ("CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"),
    "directoryPath": ("CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"),
    "experimentId": ("CAN_READ", "CAN_EDIT", "CAN_MANAGE"),
    "servingEndpointId": ("CAN_VIEW", "CAN_QUERY", "CAN_MANAGE"),
}

# What the Jobs API demands and the provider leaves to it: fields without a default in `service.jobs` of
# databricks-sdk 0.156.
DATABRICKS_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "JobGitSourceArgs": ("provider",),
    "JobTaskForEachTaskTaskPythonWheelTaskArgs": ("entryPoint", "packageName"),
    "JobTaskPythonWheelTaskArgs": ("entryPoint", "packageName"),
}


def databricks_values(class_name: str, wire: str) -> tuple[str, ...]:
    """Return what an input of a class of `pulumi_databricks` may be; empty if anything may."""
    for row in DATABRICKS_VALUES:
        if row.wire == wire and re.fullmatch(row.classes, class_name):
            return row.values
    return ()
