"""What is seen of an AKS cluster: logs of its control plane, its containers' logs, and Prometheus metrics."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import monitor

from lakeplane.components.placement import Placement, known_id

__all__ = ["AksMonitoring", "AksMonitoringArgs"]

# Azure Monitor, "Supported logs for Microsoft.ContainerService/managedClusters" (read 2026-11), but for those
# of fleets, of node provisioning and of the CSI drivers, which run nowhere here, and `kube-audit`: it repeats
# `kube-audit-admin` and adds every get and list (AKS documentation, "Monitor AKS"), most of what costs money.
LOG_CATEGORIES = (
    "cloud-controller-manager",
    "cluster-autoscaler",
    "guard",
    "kube-apiserver",
    "kube-audit-admin",
    "kube-controller-manager",
    "kube-scheduler",
)
# Azure Monitor, "Configure log collection for Container insights": the preset "Logs and events". Numbers come
# from Prometheus instead.
_CONTAINER_STREAMS = (
    "Microsoft-ContainerLogV2",
    "Microsoft-KubeEvents",
    "Microsoft-KubePodInventory",
)
_METRICS_STREAM = "Microsoft-PrometheusMetrics"


@dataclass(frozen=True, slots=True, kw_only=True)
class AksMonitoringArgs:
    """What monitoring needs.

    Attributes:
        placement: Where its own resources go.
        cluster_id: ARM id of the cluster; waits for it.
        log_workspace_id: ARM id of the log workspace.
        monitor_workspace_name: Name of the workspace that keeps the metrics.
        endpoint_name: Name of the endpoint that takes the metrics in.
        metrics_rule_name: Name of the rule that sends metrics there.
        container_rule_name: Name of the rule that sends containers' logs to the log workspace.
    """

    placement: Placement
    cluster_id: pulumi.Input[str]
    log_workspace_id: pulumi.Input[str]
    monitor_workspace_name: str
    endpoint_name: str
    metrics_rule_name: str
    container_rule_name: str


class AksMonitoring(pulumi.ComponentResource):
    """Everything that a cluster's add-ons need to send what they see.

    An add-on that signs in with Entra sends nothing until a rule is associated with its cluster; the portal
    makes these rules by itself, ARM doesn't.

    Attributes:
        monitor_workspace_id: ARM id of the workspace that keeps the metrics.
    """

    def __init__(
        self, name: str, args: AksMonitoringArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("lakeplane:watch:AksMonitoring", name, None, opts)
        self._name = name
        self._args = args
        monitor.DiagnosticSetting(
            f"{name}-control-plane-log",
            name="audit",
            resource_uri=args.cluster_id,
            workspace_id=args.log_workspace_id,
            # Tables of their own (AKSAudit, AKSControlPlane) in the place of AzureDiagnostics.
            log_analytics_destination_type="Dedicated",
            logs=[monitor.DiagnosticsLogSettingsArgs(category=each, enabled=True) for each in LOG_CATEGORIES],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._associate("containers", self._container_rule())
        self.monitor_workspace_id = self._keep_metrics()
        self.register_outputs({"monitor_workspace_id": self.monitor_workspace_id})

    def _container_rule(self) -> monitor.DataCollectionRule:
        args, placement = self._args, self._args.placement
        return monitor.DataCollectionRule(
            f"{self._name}-containers-rule",
            data_collection_rule_name=args.container_rule_name,
            resource_group_name=placement.resource_group_name,
            location=placement.location,
            tags=placement.tags,
            kind="Linux",
            data_sources=monitor.DataCollectionRuleDataSourcesArgs(
                extensions=[
                    monitor.ExtensionDataSourceArgs(
                        name="ContainerInsightsExtension",
                        extension_name="ContainerInsights",
                        streams=list(_CONTAINER_STREAMS),
                        extension_settings={
                            "dataCollectionSettings": {
                                "interval": "1m",
                                "namespaceFilteringMode": "Off",
                                "enableContainerLogV2": True,
                            }
                        },
                    )
                ]
            ),
            destinations=monitor.DataCollectionRuleDestinationsArgs(
                log_analytics=[
                    monitor.LogAnalyticsDestinationArgs(
                        name="logs", workspace_resource_id=args.log_workspace_id
                    )
                ]
            ),
            data_flows=[monitor.DataFlowArgs(streams=list(_CONTAINER_STREAMS), destinations=["logs"])],
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _keep_metrics(self) -> pulumi.Output[str]:
        args, placement = self._args, self._args.placement
        workspace = monitor.AzureMonitorWorkspace(
            f"{self._name}-metrics-workspace",
            azure_monitor_workspace_name=args.monitor_workspace_name,
            resource_group_name=placement.resource_group_name,
            location=placement.location,
            tags=placement.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        workspace_id = known_id(
            workspace, placement.arm_id("Microsoft.Monitor/accounts", args.monitor_workspace_name)
        )
        endpoint = monitor.DataCollectionEndpoint(
            f"{self._name}-metrics-endpoint",
            data_collection_endpoint_name=args.endpoint_name,
            resource_group_name=placement.resource_group_name,
            location=placement.location,
            tags=placement.tags,
            kind="Linux",
            # Takes metrics from identities with a role alone; closing it takes an Azure Monitor private link
            # scope, of which a network can have one only, so it is the hub's to make.
            network_acls=monitor.DataCollectionEndpointNetworkAclsArgs(public_network_access="Enabled"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        endpoint_id = known_id(
            endpoint, placement.arm_id("Microsoft.Insights/dataCollectionEndpoints", args.endpoint_name)
        )
        rule = monitor.DataCollectionRule(
            f"{self._name}-metrics-rule",
            data_collection_rule_name=args.metrics_rule_name,
            resource_group_name=placement.resource_group_name,
            location=placement.location,
            tags=placement.tags,
            kind="Linux",
            data_collection_endpoint_id=endpoint_id,
            data_sources=monitor.DataCollectionRuleDataSourcesArgs(
                prometheus_forwarder=[
                    monitor.PrometheusForwarderDataSourceArgs(
                        name="PrometheusDataSource", streams=[_METRICS_STREAM]
                    )
                ]
            ),
            destinations=monitor.DataCollectionRuleDestinationsArgs(
                monitoring_accounts=[
                    monitor.MonitoringAccountDestinationArgs(name="metrics", account_resource_id=workspace_id)
                ]
            ),
            data_flows=[monitor.DataFlowArgs(streams=[_METRICS_STREAM], destinations=["metrics"])],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._associate("metrics", rule)
        return workspace_id

    def _associate(self, kind: str, rule: monitor.DataCollectionRule) -> None:
        args = self._args
        names = {"metrics": args.metrics_rule_name, "containers": args.container_rule_name}
        rule_id = args.placement.arm_id("Microsoft.Insights/dataCollectionRules", names[kind])
        monitor.DataCollectionRuleAssociation(
            f"{self._name}-{kind}-association",
            association_name=kind,
            resource_uri=args.cluster_id,
            data_collection_rule_id=known_id(rule, rule_id),
            opts=pulumi.ResourceOptions(parent=self),
        )
