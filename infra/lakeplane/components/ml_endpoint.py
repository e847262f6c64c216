"""The managed online endpoint of an Azure Machine Learning workspace, and its deployments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from lakeplane.components.attachments import attach
from lakeplane.components.diagnostics import DiagnosticTarget, send_logs
from lakeplane.components.identities import Identity
from lakeplane.components.placement import Placement, known_id
from lakeplane.components.role_assignments import RoleGrant, assign_role

__all__ = ["MlEndpoint", "MlEndpointArgs"]

# Azure Monitor, "Supported logs for Microsoft.MachineLearningServices/workspaces/onlineEndpoints" (2026-11).
_LOG_CATEGORIES = (
    "AmlOnlineEndpointConsoleLog",
    "AmlOnlineEndpointEventLog",
    "AmlOnlineEndpointTrafficLog",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MlEndpointArgs:
    """What an endpoint needs.

    Attributes:
        placement: Where it goes.
        endpoint_name: Its name, unique in its region.
        workspace_name: Name of the workspace; waits for it.
        workspace_id: ARM id of the workspace, known before it exists.
        identity: Identity with which its machines pull images and models.
        storage_account_id: ARM id of the workspace's own storage account, which keeps the models.
        storage_account: The same id, as a value that waits for the account.
        container_registry_id: ARM id of the registry.
        container_registry: The same id, as a value that waits for the registry.
        log_workspace_id: ARM id of the log workspace.
        model: Name of the model in the workspace's registry.
        versions: Versions of the model, each a deployment of its own; none if left out.
        instance_type: Azure size of a deployment's machines; needed with versions.
        instance_count: Machines of each deployment; 1 if left out.
        public: Answer callers from outside the network too, whom Entra alone keeps out; not if left out.
        diagnostic_settings: Where else its logs are sent; the log workspace alone if left out.
        role_assignments: Rights of others on it, such as its callers'; none if left out.
    """

    placement: Placement
    endpoint_name: str
    workspace_name: pulumi.Input[str]
    workspace_id: str
    identity: Identity
    storage_account_id: str
    storage_account: pulumi.Input[str]
    container_registry_id: str
    container_registry: pulumi.Input[str]
    log_workspace_id: pulumi.Input[str]
    model: str
    versions: Sequence[int] = ()
    instance_type: str = "Standard_DS3_v2"
    instance_count: int = 1
    public: bool = False
    diagnostic_settings: Sequence[DiagnosticTarget] = ()
    role_assignments: Sequence[RoleGrant] = ()


class MlEndpoint(pulumi.ComponentResource):
    """Endpoint that knows Entra tokens only; promotion owns its traffic.

    A deployment is named after its version, so that a new one comes up beside the old one and takes traffic
    only when promotion says so. The service refuses to delete a deployment that still has traffic.

    Attributes:
        endpoint_id: ARM id of the endpoint.
        scoring_uri: Address that is asked for predictions.
    """

    def __init__(self, name: str, args: MlEndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("lakeplane:ml:MlEndpoint", name, None, opts)
        self._name = name
        self._args = args
        placement = args.placement
        endpoint = ml.OnlineEndpoint(
            f"{name}-endpoint",
            endpoint_name=args.endpoint_name,
            workspace_name=args.workspace_name,
            resource_group_name=placement.resource_group_name,
            location=placement.location,
            tags=placement.tags,
            kind="Managed",
            identity=ml.ManagedServiceIdentityArgs(
                type="UserAssigned", user_assigned_identities=[args.identity.id]
            ),
            properties=ml.OnlineEndpointPropertiesArgs(
                auth_mode="AADToken",
                public_network_access="Enabled" if args.public else "Disabled",
                description=f"Predictions of {args.model}",
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                # A deployment fails on its first image pull without them.
                depends_on=self._rights(),
                ignore_changes=["properties.traffic", "properties.mirrorTraffic"],
            ),
        )
        arm_id = f"{args.workspace_id}/onlineEndpoints/{args.endpoint_name}"
        self.endpoint_id = known_id(endpoint, arm_id)
        for version in args.versions:
            self._deploy(endpoint, version)
        send_logs(
            f"{name}-log",
            resource_id=self.endpoint_id,
            log_workspace_id=args.log_workspace_id,
            categories=_LOG_CATEGORIES,
            opts=pulumi.ResourceOptions(parent=self),
            also_to=args.diagnostic_settings,
        )
        attach(
            name,
            arm_id=arm_id,
            resource_id=self.endpoint_id,
            parent=self,
            placement=placement,
            role_assignments=args.role_assignments,
        )
        self.scoring_uri: pulumi.Output[str] = endpoint.properties.scoring_uri
        self.register_outputs({"endpoint_id": self.endpoint_id, "scoring_uri": self.scoring_uri})

    def _rights(self) -> list[pulumi.Resource]:
        """Let the machines pull images and read models.

        Azure Machine Learning documentation, "Access Azure resources from an online endpoint": the service
        gives these to a system-assigned identity by itself, and to a user-assigned one never.
        """
        args = self._args
        rights = (
            ("AcrPull", args.container_registry_id, args.container_registry),
            ("Storage Blob Data Reader", args.storage_account_id, args.storage_account),
        )
        return [
            assign_role(
                f"{self._name}-{role.lower().replace(' ', '-')}-role",
                role=role,
                scope_id=scope_id,
                scope=scope,
                principal=args.identity.arm_id,
                principal_id=args.identity.principal_id,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for role, scope_id, scope in rights
        ]

    def _deploy(self, endpoint: ml.OnlineEndpoint, version: int) -> None:
        args, placement = self._args, self._args.placement
        ml.OnlineDeployment(
            f"{self._name}-version-{version}",
            deployment_name=f"version-{version}",
            endpoint_name=endpoint.name,
            workspace_name=args.workspace_name,
            resource_group_name=placement.resource_group_name,
            location=placement.location,
            tags=placement.tags,
            kind="Managed",
            sku=ml.SkuArgs(name="Default", tier="Standard", capacity=args.instance_count),
            properties=ml.ManagedOnlineDeploymentArgs(
                endpoint_compute_type="Managed",
                instance_type=args.instance_type,
                # An MLflow model brings its environment and its scoring code along.
                model=f"{args.workspace_id}/models/{args.model}/versions/{version}",
                scale_settings=ml.DefaultScaleSettingsArgs(scale_type="Default"),
                # Application Insights takes no keys here, and the service signs in with one; the
                # diagnostics below take the same logs.
                app_insights_enabled=False,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
