"""What an environment or a hub will ask of its subscription, worked out from its plan alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from lakeplane.azure.preflight.needs import (
    ActionElsewhere,
    CoresNeeded,
    ExistingSubnet,
    GlobalName,
    Needs,
    SizeNeeded,
)
from lakeplane.provider_models.arm import ARM_TYPES
from lakeplane.spec.regions import has_zones
from lakeplane.spec.sizes import vm_sizes

if TYPE_CHECKING:
    from lakeplane.hub_planning import HubPlan
    from lakeplane.planning import EnvironmentPlan

__all__ = ["needs_of", "needs_of_hub", "with_counted_cores"]

# Not of the program's own resources, but of what Azure does for them: machines of clusters and nodes
# (Microsoft.Compute), and AKS's policy add-on (Microsoft Learn, "Understand Azure Policy for Kubernetes
# clusters").
_BEHIND = ("Microsoft.Compute", "Microsoft.PolicyInsights")
_HUBS_ONLY = "Microsoft.App"
# Registered in every subscription, and they cannot be unregistered.
_ALWAYS = frozenset({"Microsoft.Authorization", "Microsoft.Resources", "Microsoft.Features"})
_HOST_ENCRYPTION = "Microsoft.Compute/EncryptionAtHost"
_DATABRICKS_SUBNET = "Microsoft.Databricks/workspaces"
_AKS_SUBNET = "Microsoft.ContainerService/managedClusters"
_DEPLOYING = (
    "Microsoft.Resources/subscriptions/resourceGroups/write",
    "Microsoft.Network/virtualNetworks/write",
    "Microsoft.Storage/storageAccounts/write",
)
_ASSIGNING = "Microsoft.Authorization/roleAssignments/write"
_LOCKING = "Microsoft.Authorization/locks/write"


def needs_of(plan: EnvironmentPlan) -> Needs:
    """Work out what an environment asks of its subscription."""
    spec, hub = plan.spec, plan.hub
    locks = (_LOCKING,) if spec.tier == "prod" or plan.makes_browser_authentication else ()
    return Needs(
        name=spec.name,
        subscription_id=plan.subscription_id,
        tenant_id=plan.tenant_id,
        region=spec.region,
        generation=spec.generation,
        actions=(*_DEPLOYING, _ASSIGNING, *locks),
        elsewhere=_elsewhere(plan),
        roles=plan.assigned_roles("ServicePrincipal"),
        group_roles=plan.assigned_roles("Group"),
        providers=_providers(hub=False),
        features=(_HOST_ENCRYPTION,),
        cores=_cores(plan),
        sizes=_sizes(plan),
        names=_names(plan),
        owned_groups={
            plan.databricks_workspace_id: plan.databricks_managed_resource_group_id,
            plan.aks_cluster_id: f"/subscriptions/{plan.subscription_id}/resourceGroups/"
            f"{plan.names.aks_node_resource_group}",
        },
        resource_group_id=plan.resource_group_id,
        ml_workspace_id=plan.ml_workspace_id,
        address_space=spec.network.address_space,
        network_id=plan.virtual_network_id,
        hub_network_id=hub.virtual_network_id if hub else "",
        existing_subnets=_existing_subnets(plan),
        databricks_account_id=spec.databricks.account or (hub.databricks_account_id if hub else None) or "",
        account_admin=hub is not None and hub.databricks_account_id is not None,
        metastore_id=(hub.metastore_id if hub else None) or "",
    )


def needs_of_hub(plan: HubPlan) -> Needs:
    """Work out what a hub asks of its subscription."""
    spec = plan.spec
    workspace = "Microsoft.Databricks/workspaces"
    owned = {}
    if spec.databricks.web_authentication:
        owned[plan.arm_id(workspace, plan.names.web_authentication_workspace)] = (
            f"/subscriptions/{spec.subscription}/resourceGroups/{plan.names.web_authentication_managed_group}"
        )
    return Needs(
        name=spec.name,
        subscription_id=spec.subscription,
        tenant_id=spec.tenant,
        region=spec.region,
        generation=spec.generation,
        actions=(*_DEPLOYING, *((_LOCKING,) if spec.databricks.web_authentication else ())),
        providers=_providers(hub=True) if spec.runner else _providers(hub=False),
        owned_groups=owned,
        resource_group_id=plan.resource_group_id,
        address_space=plan.addresses.space,
        network_id=plan.facts.virtual_network_id,
        databricks_account_id=spec.databricks.account_id or "",
        account_admin=spec.databricks.account_id is not None,
        metastore_id=spec.databricks.metastore.existing or "",
        connectivity_config=spec.databricks.network_connectivity or "",
    )


def with_counted_cores(needs: Needs, most: Mapping[tuple[str, bool], int]) -> Needs:
    """Take the most of each family from a count of what the program registers, upgrades and runs included.

    Args:
        needs: What the plan alone says.
        most: Cores at their most by family, and whether Azure ML's own quota is meant.
    """
    named = {(one.family, one.machine_learning): one for one in needs.cores}
    counted = {
        key: replace(
            named.get(key)
            or CoresNeeded(family=key[0], least=0, most=0, uses="the program", machine_learning=key[1]),
            most=cores,
        )
        for key, cores in most.items()
    }
    return replace(
        needs, cores=tuple(counted.get(key, one) for key, one in sorted({**named, **counted}.items()))
    )


def _elsewhere(plan: EnvironmentPlan) -> tuple[ActionElsewhere, ...]:
    hub, brought = plan.hub, plan.spec.network.bring_your_own
    zones = hub.private_dns_resource_group_id if hub else brought.private_dns_zones if brought else ""
    asked = [
        ActionElsewhere(
            hub.virtual_network_id if hub else "",
            "Microsoft.Network/virtualNetworks/virtualNetworkPeerings/write",
            "Network Contributor",
        ),
        ActionElsewhere(
            zones, "Microsoft.Network/privateDnsZones/join/action", "Private DNS Zone Contributor"
        ),
    ]
    if plan.spec.access.mode == "private":
        # The cluster's identity registers the API server's name in a zone there.
        asked.append(ActionElsewhere(zones, _ASSIGNING, "Role Based Access Control Administrator"))
    # What a diagnostic setting asks of the log workspace that it leads to (MicrosoftDocs/azure-docs 80159).
    asked += [
        ActionElsewhere(
            one.log_workspace,
            "Microsoft.OperationalInsights/workspaces/sharedKeys/action",
            "Log Analytics Contributor",
        )
        for one in plan.spec.diagnostic_settings
    ]
    own = f"/subscriptions/{plan.subscription_id}/"
    return tuple(one for one in asked if one.scope and not one.scope.startswith(own))


def _providers(*, hub: bool) -> tuple[str, ...]:
    found = {arm.resource_type.partition("/")[0] for arm in ARM_TYPES.values()} | {*_BEHIND}
    return tuple(sorted(found - _ALWAYS - (set() if hub else {_HUBS_ONLY})))


def _cores(plan: EnvironmentPlan) -> tuple[CoresNeeded, ...]:
    """Count cores: AKS's nodes and one small cluster at least; all pools and autoscalers full at most."""
    spec = plan.spec
    aks, databricks, ml = spec.aks, spec.databricks, spec.ml
    asked: list[tuple[str, int, int, str, bool]] = [
        (aks.system_node_size, aks.system_node_count, aks.system_node_count, "AKS system nodes", False),
        (aks.node_size, aks.node_count, aks.max_node_count, "AKS nodes", False),
        # A driver and a worker run the smallest job; a pool and one cluster outside it take most.
        (
            databricks.node_type,
            2,
            databricks.pool_max_capacity + databricks.max_workers + 1,
            "Databricks clusters",
            False,
        ),
        (ml.cpu_size, 0, ml.max_nodes, "Azure ML CPU cluster", True),
    ]
    if aks.gpu_node_size:
        asked.append((aks.gpu_node_size, 0, aks.max_gpu_node_count, "AKS GPU nodes", False))
    gpus = databricks.gpu_pool_max_capacity + databricks.gpu_max_workers + 1
    asked.append((databricks.gpu_node_type, 0, gpus, "Databricks GPU clusters", False))
    if ml.gpu_size:
        asked.append((ml.gpu_size, 0, ml.max_nodes, "Azure ML GPU cluster", True))
    if versions := len(ml.endpoint.versions):
        count = versions * ml.endpoint.instance_count
        asked.append((ml.endpoint.instance_type, count, count, "Azure ML endpoint", True))
    sums: dict[tuple[str, bool], list[tuple[int, int, str]]] = defaultdict(list)
    for size, least, most, use, learning in asked:
        facts = vm_sizes()[size]
        sums[facts.quota_family, learning].append((least * facts.vcpus, most * facts.vcpus, use))
    return tuple(
        CoresNeeded(
            family=family,
            least=sum(one[0] for one in parts),
            most=sum(one[1] for one in parts),
            uses=", ".join(one[2] for one in parts),
            machine_learning=learning,
        )
        for (family, learning), parts in sorted(sums.items())
    )


def _sizes(plan: EnvironmentPlan) -> tuple[SizeNeeded, ...]:
    spec = plan.spec
    zones = ("1", "2", "3") if has_zones(spec.region) else ()
    node = ("EncryptionAtHostSupported", "EphemeralOSDiskSupported")
    asked = [
        (spec.aks.system_node_size, "AKS system nodes", zones, node),
        (spec.aks.node_size, "AKS nodes", zones, node),
        (spec.databricks.node_type, "Databricks clusters", (), ()),
        (spec.databricks.gpu_node_type, "Databricks GPU clusters", (), ()),
        (spec.ml.cpu_size, "Azure ML CPU cluster", (), ()),
    ]
    if spec.aks.gpu_node_size:
        asked.append((spec.aks.gpu_node_size, "AKS GPU nodes", (), node[:1]))
    if spec.ml.gpu_size:
        asked.append((spec.ml.gpu_size, "Azure ML GPU cluster", (), ()))
    return tuple(
        SizeNeeded(size=size, uses=use, zones=where, capabilities=needed)
        for size, use, where, needed in asked
    )


def _names(plan: EnvironmentPlan) -> tuple[GlobalName, ...]:
    names = [
        GlobalName("Microsoft.Storage/storageAccounts", plan.storage_account_id, "lake"),
        GlobalName("Microsoft.Storage/storageAccounts", plan.ml_storage_account_id, "Azure ML's storage"),
        GlobalName(
            "Microsoft.Storage/storageAccounts", plan.databricks_storage_account_id, "Databricks' storage"
        ),
        GlobalName("Microsoft.KeyVault/vaults", plan.key_vault_id, "key vault"),
        GlobalName("Microsoft.KeyVault/vaults", plan.ml_key_vault_id, "Azure ML's key vault"),
        GlobalName("Microsoft.ContainerRegistry/registries", plan.container_registry_id, "registry"),
    ]
    if plan.spec.encryption.customer_managed:
        names.append(GlobalName("Microsoft.KeyVault/vaults", plan.aks_key_vault_id, "AKS's key vault"))
    if plan.spec.encryption.registry == "customer_managed":
        vault = (
            f"{plan.resource_group_id}/providers/Microsoft.KeyVault/vaults/{plan.names.registry_key_vault}"
        )
        names.append(GlobalName("Microsoft.KeyVault/vaults", vault, "registry's key vault"))
    return tuple(names)


def _existing_subnets(plan: EnvironmentPlan) -> tuple[ExistingSubnet, ...]:
    brought = plan.spec.network.bring_your_own
    if brought is None:
        return ()
    named = brought.subnets
    return (
        ExistingSubnet(named.databricks_host, "Databricks hosts", _DATABRICKS_SUBNET, 26),
        ExistingSubnet(named.databricks_container, "Databricks containers", _DATABRICKS_SUBNET, 26),
        ExistingSubnet(named.aks_nodes, "AKS nodes", "", 29),
        ExistingSubnet(named.aks_api_server, "AKS API server", _AKS_SUBNET, 28),
        ExistingSubnet(named.private_endpoints, "private endpoints", "", 29),
    )
