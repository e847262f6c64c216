"""Values that Azure's services allow where their own API descriptions, and so the SDK, say only "text".

Azure compares them in any letter case.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["AZURE_REQUIRED", "AZURE_VALUES", "azure_values"]

# Azure Monitor, "Data collection rules, structure" and "Configure log collection for Container insights": the
# SDK's enumeration knows the streams of virtual machines only.
_VM_STREAMS = (
    "Microsoft-Event",
    "Microsoft-InsightsMetrics",
    "Microsoft-Perf",
    "Microsoft-Syslog",
    "Microsoft-WindowsEvent",
)
_CONTAINER_STREAMS = (
    "Microsoft-ContainerInsights-Group-Default",
    "Microsoft-ContainerLog",
    "Microsoft-ContainerLogV2",
    "Microsoft-KubeEvents",
    "Microsoft-KubePodInventory",
)

# By the SDK's module and class, then by the input.
AZURE_VALUES: Mapping[tuple[str, str], Mapping[str, tuple[str, ...]]] = {
    # Microsoft Learn, "Microsoft.Databricks workspaces", and "Databricks pricing" for the tiers.
    ("databricks", "SkuArgs"): {"name": ("standard", "premium", "trial")},
    # azure-mgmt-keyvault 14.1, `VaultProperties.public_network_access`.
    ("keyvault", "VaultPropertiesArgs"): {"publicNetworkAccess": ("Enabled", "Disabled")},
    # Microsoft Learn, "Microsoft.MachineLearningServices workspaces": the kinds of a workspace.
    ("machinelearningservices", "WorkspaceArgs"): {"kind": ("Default", "FeatureStore", "Hub", "Project")},
    # Azure REST specifications, monitor scheduledQueryRules, `ConditionOperator`; the SDK shows another API's
    # enumeration of the same name.
    ("monitor", "ConditionArgs"): {
        "operator": ("Equals", "GreaterThan", "GreaterThanOrEqual", "LessThan", "LessThanOrEqual")
    },
    ("monitor", "DataFlowArgs"): {
        "streams": (*_VM_STREAMS, *_CONTAINER_STREAMS, "Microsoft-PrometheusMetrics")
    },
    ("monitor", "ExtensionDataSourceArgs"): {"streams": (*_VM_STREAMS, *_CONTAINER_STREAMS)},
    # Microsoft Learn, "Diagnostic settings in Azure Monitor", section "Category groups".
    ("monitor", "DiagnosticsLogSettingsArgs"): {"categoryGroup": ("allLogs", "audit")},
}

# What Microsoft's own models demand and the SDK leaves out, as properties that ARM nests are flattened in it.
AZURE_REQUIRED: Mapping[tuple[str, str], tuple[str, ...]] = {
    # azure-mgmt-databricks 3.0, `WorkspaceProperties.compute_mode`.
    ("databricks", "WorkspaceArgs"): ("computeMode",),
    # azure-mgmt-network 33.1, `SecurityRulePropertiesFormat.priority`.
    ("network", "SecurityRuleArgs"): ("priority",),
    ("network", "SecurityRuleInitArgs"): ("priority",),
}


def azure_values(module: str, class_name: str, wire: str) -> tuple[str, ...]:
    """Return what an input of a class of `pulumi_azure_native` may be; empty if the SDK says it."""
    return AZURE_VALUES.get((module, class_name), {}).get(wire, ())
