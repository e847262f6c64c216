"""Whom a bootstrap is for: an environment or a hub, reduced to what both have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lakeplane.azure.preflight.from_plan import needs_of, needs_of_hub
from lakeplane.spec.regions import has_zones

if TYPE_CHECKING:
    from ipaddress import IPv4Network

    from lakeplane.hub_planning import HubPlan
    from lakeplane.naming import Named
    from lakeplane.planning import EnvironmentPlan
    from lakeplane.spec.sections import PipelinesSpec

__all__ = ["PrivateLanding", "Subject", "Surroundings", "subject_of", "subject_of_hub"]


@dataclass(frozen=True, slots=True)
class PrivateLanding:
    """Where private endpoints of the stacks' state go, in a network that is there before the environment.

    Attributes:
        subnet_id: ARM id of the subnet.
        zones_group_id: ARM id of the resource group of the private DNS zones.
    """

    subnet_id: str
    zones_group_id: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What others own of the network, and whoever deploys an environment has to change.

    Attributes:
        network_id: ARM id of the hub's network, which the environment's is peered with; empty without a hub.
        zones_group_id: ARM id of the resource group of the private DNS zones that endpoints register in.
        runner_identity_id: ARM id of the identity of the runner's job for the environment; empty without one.
        runner_job_id: ARM id of the runner's job that deploys the environment; empty without one, and where
            the environment can be deployed from outside.
    """

    network_id: str
    zones_group_id: str
    runner_identity_id: str
    runner_job_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An environment or a hub.

    Attributes:
        named: What names are made of.
        tenant_id: Entra tenant.
        tags: Tags of every resource.
        stacks: Names of its stacks.
        pipelines: Pipelines that may look or deploy.
        addresses: Public ranges that reach state and key; closed to all public networks if empty.
        providers: Namespaces of resource providers.
        features: Features, as `namespace/name`.
        assigned_roles: Roles that the program assigns to service principals; none if it assigns none.
        group_roles: Roles that it assigns to groups, for the spec asks for it; none if left out.
        locks: Whether the program makes delete locks.
        in_cluster: Whether the program deploys into an AKS cluster.
        zone_redundant: Whether the region has zones.
        resource_group_id: ARM id of the resource group that the program makes.
        landing: Where private endpoints of the state go; None if they are not wanted, or there is no place.
        surroundings: What others own of the network; None if nobody does.
    """

    named: Named
    tenant_id: str
    tags: Mapping[str, str]
    stacks: tuple[str, ...]
    pipelines: PipelinesSpec
    addresses: Sequence[IPv4Network]
    providers: tuple[str, ...]
    features: tuple[str, ...] = ()
    assigned_roles: tuple[str, ...] = ()
    group_roles: tuple[str, ...] = ()
    locks: bool = False
    in_cluster: bool = False
    zone_redundant: bool = False
    resource_group_id: str
    landing: PrivateLanding | None = None
    surroundings: Surroundings | None = None


def subject_of(plan: EnvironmentPlan) -> Subject:
    """Reduce an environment to what its bootstrap needs to know."""
    spec, hub, brought = plan.spec, plan.hub, plan.spec.network.bring_your_own
    needs = needs_of(plan)
    landing = around = None
    if hub is not None:
        identities = f"{hub.resource_group_id}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
        identity = hub.runner_identities.get(spec.name, "")
        runner = f"{identities}/{identity}" if identity else ""
        job = hub.runner_jobs.get(spec.name, "") if spec.access.mode == "private" else ""
        around = Surroundings(
            hub.virtual_network_id,
            hub.private_dns_resource_group_id,
            runner,
            f"{hub.resource_group_id}/providers/Microsoft.App/jobs/{job}" if job else "",
        )
        landing = PrivateLanding(hub.private_endpoints_subnet_id, hub.private_dns_resource_group_id)
    elif brought is not None:
        landing = PrivateLanding(plan.subnet_id("private_endpoints"), brought.private_dns_zones)
        around = Surroundings("", brought.private_dns_zones, "")
    return Subject(
        named=spec,
        tenant_id=spec.tenant,
        tags=plan.tags,
        stacks=(plan.stack("foundation"), plan.stack("contents")),
        pipelines=spec.pipelines,
        addresses=tuple(dict.fromkeys((*spec.access.addresses, *spec.pipelines.addresses))),
        providers=needs.providers,
        features=needs.features,
        assigned_roles=plan.assigned_roles("ServicePrincipal"),
        group_roles=plan.assigned_roles("Group"),
        locks=any("/locks/" in action for action in needs.actions),
        in_cluster=True,
        zone_redundant=has_zones(spec.region),
        resource_group_id=plan.resource_group_id,
        landing=landing if spec.access.mode == "private" else None,
        surroundings=around,
    )


def subject_of_hub(plan: HubPlan) -> Subject:
    """Reduce a hub to what its bootstrap needs to know."""
    spec, needs = plan.spec, needs_of_hub(plan)
    return Subject(
        named=spec,
        tenant_id=spec.tenant,
        tags=plan.tags,
        stacks=(plan.stack(),),
        pipelines=spec.pipelines,
        addresses=spec.pipelines.addresses,
        providers=needs.providers,
        locks=any("/locks/" in action for action in needs.actions),
        zone_redundant=has_zones(spec.region),
        resource_group_id=plan.resource_group_id,
    )
