"""What may pass a hub's firewall: what the services document that they need, and nothing else.

Azure Machine Learning is not here: its computes run in the managed network of the workspace, which has
outbound rules of its own, and its clients reach it over private endpoints.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from lakeplane.addressing import plan_addresses

__all__ = ["EgressRule", "EgressSource", "plan_egress_rules"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressSource:
    """An environment that leaves through the firewall.

    Attributes:
        address_space: Range of its network.
        gpu_nodes: Whether its AKS nodes have GPUs.
    """

    address_space: IPv4Network
    gpu_nodes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressRule:
    """One kind of traffic that may pass.

    Attributes:
        name: Name of the rule.
        source: Ranges that it holds for.
        reason: Why, and where the service documents it.
        service_tags: Azure's service tags, for traffic that the firewall knows by address.
        ports: Destination ports of that traffic, over TCP.
        fqdns: Domain names, for HTTPS.
        fqdn_tags: Azure Firewall's own names for sets of domain names.
    """

    name: str
    source: tuple[str, ...]
    reason: str
    service_tags: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    fqdns: tuple[str, ...] = ()
    fqdn_tags: tuple[str, ...] = ()


_UDR = "Microsoft Learn, User-defined route settings for Azure Databricks"
_AKS = "Microsoft Learn, Outbound network and FQDN rules for AKS clusters"
_APPS = "Microsoft Learn, Container Apps with Azure Firewall"


def plan_egress_rules(
    region: str,
    environments: Sequence[EgressSource],
    runner: IPv4Network | None,
    extra: Sequence[str] = (),
    people: Sequence[IPv4Network] = (),
) -> tuple[EgressRule, ...]:
    """Return the rules for the environments behind a hub and for its runner.

    Args:
        region: Azure region.
        environments: The environments.
        runner: Range of the runner; none if there is no runner.
        extra: Domain names that clusters, nodes and the runner may reach besides.
        people: Ranges from which people reach the environments' private endpoints.
    """
    rules: list[EgressRule] = []
    allowed: tuple[str, ...] = (str(runner),) if runner is not None else ()
    if environments:
        plans = [plan_addresses(one.address_space) for one in environments]
        clusters = tuple(
            str(net) for plan in plans for net in (plan.databricks_host, plan.databricks_container)
        )
        nodes = tuple(str(plan.aks_nodes) for plan in plans)
        rules += [*_databricks(clusters), *_aks(region, nodes)]
        with_gpus = [one for one, source in zip(nodes, environments, strict=True) if source.gpu_nodes]
        rules += _gpus(tuple(with_gpus))
        allowed = (*clusters, *nodes, *allowed)
    if runner is not None:
        rules += _runner(region, (str(runner),))
    if people:
        rules.append(_people(region, tuple(map(str, people))))
    if extra and allowed:
        rules.append(
            EgressRule(
                name="allowed-by-the-hub",
                source=allowed,
                fqdns=tuple(extra),
                reason="network.allowed_fqdns of the hub's spec",
            )
        )
    return tuple(rules)


def _databricks(source: tuple[str, ...]) -> Iterator[EgressRule]:
    # AzureDatabricks is not among them: every workspace has back-end Private Link, which makes it needless.
    for name, tag, port in (
        ("databricks-storage", "Storage", "443"),
        ("databricks-metastore", "Sql", "3306"),
        ("databricks-telemetry", "EventHub", "9093"),
        ("databricks-log-in", "AzureActiveDirectory", "443"),
    ):
        yield EgressRule(name=name, source=source, service_tags=(tag,), ports=(port,), reason=_UDR)


def _aks(region: str, source: tuple[str, ...]) -> Iterator[EgressRule]:
    yield EgressRule(
        name="aks", source=source, fqdn_tags=("AzureKubernetesService",), reason=f"{_AKS}, FQDN tag"
    )
    yield EgressRule(
        name="aks-monitor",
        source=source,
        service_tags=("AzureMonitor",),
        ports=("443",),
        reason=f"{_AKS}, Azure Monitor and Defender",
    )
    yield EgressRule(
        name="aks-add-ons",
        source=source,
        fqdns=(
            "data.policy.core.windows.net",
            "store.policy.core.windows.net",
            "dc.services.visualstudio.com",
            "*.ods.opinsights.azure.com",
            "*.oms.opinsights.azure.com",
            "*.monitoring.azure.com",
            # "Network firewall requirements for monitoring Kubernetes cluster", Azure Monitor.
            "global.handler.control.monitor.azure.com",
            "*.metrics.ingest.monitor.azure.com",
            # "Defender for Containers architecture", Kubernetes clusters to Microsoft Defender for Cloud.
            "*.cloud.defender.microsoft.com",
            f"{region}.ingest.monitor.azure.com",
            f"{region}.handler.control.monitor.azure.com",
        ),
        reason=f"{_AKS}, Azure Policy, Defender and managed Prometheus",
    )


def _gpus(source: tuple[str, ...]) -> Iterator[EgressRule]:
    if source:
        yield EgressRule(
            name="aks-gpus",
            source=source,
            fqdns=("nvidia.github.io", "us.download.nvidia.com", "download.docker.com"),
            reason=f"{_AKS}, GPU enabled clusters",
        )


def _people(region: str, source: tuple[str, ...]) -> EgressRule:
    return EgressRule(
        name="people",
        source=source,
        fqdns=(
            "*.azuredatabricks.net",
            "*.blob.core.windows.net",
            "*.dfs.core.windows.net",
            "*.file.core.windows.net",
            "*.vault.azure.net",
            "*.azurecr.io",
            f"*.{region}.data.azurecr.io",
            "*.api.azureml.ms",
            "*.notebooks.azure.net",
            # Of managed online endpoints, which answer on the workspace's private endpoint.
            f"*.{region}.inference.ml.azure.com",
            f"*.private.{region}.azmk8s.io",
        ),
        # The firewall stands between both directions only where it answers for the endpoint, as it does for
        # rules by name.
        reason="Microsoft Learn, Azure Firewall scenarios to inspect traffic destined to a private endpoint",
    )


def _runner(region: str, source: tuple[str, ...]) -> Iterator[EgressRule]:
    yield EgressRule(
        name="runner-platform",
        source=source,
        fqdns=(
            "mcr.microsoft.com",
            "*.data.mcr.microsoft.com",
            "packages.aks.azure.com",
            "acs-mirror.azureedge.net",
        ),
        reason=f"{_APPS}, all scenarios",
    )
    yield EgressRule(
        name="runner-identity",
        source=source,
        fqdns=(
            "*.identity.azure.net",
            "login.microsoftonline.com",
            "*.login.microsoftonline.com",
            "*.login.microsoft.com",
        ),
        reason=f"{_APPS}, managed identity",
    )
    yield EgressRule(
        name="runner-deployment",
        source=source,
        fqdns=(
            "management.azure.com",
            "accounts.azuredatabricks.net",
            "*.azurecr.io",
            f"*.{region}.data.azurecr.io",
        ),
        reason="what a deployment calls: ARM, the Databricks account, the registry of the runner's image",
    )
