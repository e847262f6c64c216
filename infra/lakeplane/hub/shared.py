"""What a hub's environments share besides the network: the private browser log-in, and the runner."""

from __future__ import annotations

import pulumi

from lakeplane.components.hub_firewall import HubFirewall
from lakeplane.components.hub_network import HubNetwork
from lakeplane.components.private_dns_zones import PrivateDnsZones
from lakeplane.components.runner import Issuer, Runner, RunnerArgs
from lakeplane.components.web_authentication import WebAuthentication, WebAuthenticationArgs
from lakeplane.hub.base import HubBase
from lakeplane.identity_issuers import credential_name, issuer_of

__all__ = ["deploy_login", "deploy_runner"]

_LOGIN_ZONE = "privatelink.azuredatabricks.net"


def deploy_login(
    base: HubBase, network: HubNetwork, zones: PrivateDnsZones | None
) -> WebAuthentication | None:
    """Register the workspace that owns the region's private browser log-in."""
    plan, names = base.plan, base.plan.names
    if not plan.spec.databricks.web_authentication:
        return None
    zone_id: pulumi.Input[str] = plan.facts.private_dns_zone_id(_LOGIN_ZONE)
    if zones is not None:
        zone_id = zones.zone_ids[_LOGIN_ZONE]
    return WebAuthentication(
        "login",
        WebAuthenticationArgs(
            placement=base.placement,
            workspace_name=names.web_authentication_workspace,
            managed_resource_group_id=f"/subscriptions/{plan.spec.subscription}/resourceGroups/"
            f"{names.web_authentication_managed_group}",
            virtual_network_id=network.virtual_network_id,
            host_subnet_name=network.subnet_name("login_host"),
            container_subnet_name=network.subnet_name("login_container"),
            private_endpoint_name=names.web_authentication_endpoint,
            private_endpoint_subnet_id=network.subnet_ids["private_endpoints"],
            private_dns_zone_id=zone_id,
            log_workspace_id=base.logs.workspace_id,
        ),
        base.opts,
    )


def deploy_runner(base: HubBase, network: HubNetwork, firewall: HubFirewall | None) -> Runner | None:
    """Register the runner, if the spec asks for one."""
    plan, names, runner = base.plan, base.plan.names, base.plan.spec.runner
    pipelines = plan.spec.pipelines
    if runner is None:
        return None
    return Runner(
        "runner",
        RunnerArgs(
            placement=base.placement,
            environment_name=names.runner_environment,
            job_names=plan.runner_jobs,
            identity_names=plan.runner_identities,
            subnet_id=network.subnet_ids["runner"],
            log_workspace_id=base.logs.workspace_id,
            image=runner.image,
            cpu=runner.cpu,
            memory_gb=runner.memory_gb,
            issuers={
                credential_name(subject): Issuer(
                    issuer=issuer_of(subject, pipelines.devops_organisation_id), subject=subject
                )
                for subject in pipelines.apply
            },
            zone_redundant=bool(base.zones),
        ),
        # Its environment fetches Azure's own images while it is made, and the firewall is the way to them.
        pulumi.ResourceOptions(
            providers=[base.azure], depends_on=[firewall] if firewall is not None else None
        ),
    )
