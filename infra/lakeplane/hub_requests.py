"""What a hub needs of others: the exact words to send to who may do it."""

from __future__ import annotations

from collections.abc import Iterator

from lakeplane.diagnostics import Diagnostic, Severity
from lakeplane.hub_planning import HubPlan
from lakeplane.spec.hub import HubSpec

__all__ = ["account_request", "budget_emails", "check_hub"]


def check_hub(plan: HubPlan) -> tuple[Diagnostic, ...]:
    """Find what is wrong with a hub that could be planned, and what it awaits of others."""
    return (*_account(plan), *_budget(plan), *_dns(plan), *_peerings(plan), *_approvals(plan), *_runner(plan))


def budget_emails(spec: HubSpec) -> tuple[str, ...]:
    """Return who is told of the budget: `watch.emails`, else the owner if that is an address."""
    return spec.watch.emails or ((spec.owner,) if "@" in spec.owner else ())


def account_request(plan: HubPlan) -> str:
    """Write the request to the administrator of the Databricks account, ready to be sent."""
    spec, names = plan.spec, plan.names
    wanted = spec.databricks
    new = wanted.metastore.create
    metastore = (
        f"Confirm that {spec.region} has the metastore {wanted.metastore.existing}."
        if wanted.metastore.existing
        else f"Create the metastore {new.name!r} in {spec.region}, owned by the group {new.owner!r}."
        if new
        else f"Tell us the id of the metastore of {spec.region}; create one if the region has none."
    )
    connectivity = (
        f"Bind our workspaces to the network connectivity config {wanted.network_connectivity!r}."
        if wanted.network_connectivity
        else f"Create the network connectivity config {names.network_connectivity_config!r} in {spec.region}."
    )
    rules = [
        f"   Add a private endpoint rule for {rule.resource}, group {rule.group}."
        for rule in wanted.private_endpoint_rules
    ]
    lines = [
        f"To the administrator of the Databricks account of tenant {spec.tenant}:",
        f"we set up the platform of {spec.organisation} in {spec.region}. Please:",
        f"1. {metastore}",
        f"2. {connectivity}",
        *rules,
        f"   Create the network policy {names.network_policy!r} with restricted access"
        + (f" to {', '.join(wanted.serverless_allowed_fqdns)}." if wanted.serverless_allowed_fqdns else "."),
        "3. Tell us the account's id (accounts.azuredatabricks.net, top right), and add our deployment "
        "identity to the account as a service principal with the role account admin, or do 1 and 2 for us.",
        "4. Make our deployment identity metastore admin, or grant it CREATE CATALOG, CREATE EXTERNAL "
        "LOCATION and CREATE STORAGE CREDENTIAL on the metastore.",
        f"5. For each of the workspaces {_workspaces(spec)}, once it exists: assign the metastore, bind the "
        "network connectivity config with private endpoints to its lake (dfs and blob), and set the network "
        "policy.",
    ]
    return "\n".join(lines)


def _workspaces(spec: HubSpec) -> str:
    named = [f"of environment {one.name}" for one in spec.environments]
    return ", ".join(named) or "behind the hub"


def _account(plan: HubPlan) -> Iterator[Diagnostic]:
    wanted = plan.spec.databricks
    if wanted.account_id is None:
        yield Diagnostic(
            code="HUB010",
            summary="without rights on the Databricks account the hub leaves parts of it out",
            severity=Severity.WARNING,
            detail=f"send this request:\n{account_request(plan)}",
            remedy="add databricks.account_id once the deployment identity is an account administrator",
            path=("databricks", "account_id"),
        )
    elif wanted.metastore.existing is None and wanted.metastore.create is None:
        yield Diagnostic(
            code="HUB011",
            summary="the region's metastore is not known",
            severity=Severity.WARNING,
            detail="environments behind the hub cannot assign it to their workspaces",
            remedy="add databricks.metastore.existing, as `databricks account metastores list` shows it",
            path=("databricks", "metastore"),
        )


def _budget(plan: HubPlan) -> Iterator[Diagnostic]:
    if plan.spec.monthly_budget is not None and not budget_emails(plan.spec):
        yield Diagnostic(
            code="HUB012",
            summary="nobody is told when the budget runs out",
            detail=f"the owner {plan.spec.owner!r} is no e-mail address; allowed: at least one address",
            remedy="add watch.emails",
            path=("monthly_budget",),
        )


def _dns(plan: HubPlan) -> Iterator[Diagnostic]:
    group = plan.spec.private_dns.existing_resource_group
    if group is not None:
        network = plan.facts.virtual_network_id
        yield Diagnostic(
            code="HUB013",
            summary="existing private DNS zones have to be linked to the hub's network by their owner",
            severity=Severity.NOTE,
            detail=f"send this request: please link the network {network} to each of these zones in {group}: "
            f"{', '.join(plan.private_dns_zones)}",
            path=("private_dns", "existing_resource_group"),
        )


def _peerings(plan: HubPlan) -> Iterator[Diagnostic]:
    spec, facts = plan.spec, plan.facts
    for index, peering in enumerate(spec.network.peerings):
        _, _, subscription, _, group, *_, name = peering.virtual_network.split("/")
        path = ("network", "peerings", index)
        command = (
            f"az network vnet peering create --subscription {subscription} --resource-group {group} "
            f"--vnet-name {name} --name to-{spec.name} --remote-vnet {facts.virtual_network_id} "
            f"--allow-vnet-access --allow-forwarded-traffic"
            f"{' --allow-gateway-transit' if peering.use_remote_gateways else ''}"
        )
        if facts.firewall_private_ip is None:
            yield Diagnostic(
                code="HUB018",
                summary="people of a peered network reach the hub alone",
                severity=Severity.WARNING,
                detail="peerings lead to the next network and no further: without the hub's firewall nothing "
                f"leads on to the environments; the other half is made by:\n{command}",
                remedy="set network.egress to firewall, or peer the environments' networks as well",
                path=path,
            )
            continue
        ranges = ", ".join(str(one.address_space) for one in spec.environments) or "the environments"
        yield Diagnostic(
            code="HUB017",
            summary="the other half of a peering is its network's owner's",
            severity=Severity.NOTE,
            detail=f"send this request: please run\n{command}\nroute {ranges} to "
            f"{facts.firewall_private_ip}, and forward questions for {', '.join(_public_zones(plan))} "
            "to that address",
            path=path,
        )


def _public_zones(plan: HubPlan) -> list[str]:
    """Return the zones that people ask for; Azure leads their names on into the private ones.

    Microsoft Learn, "How to use your workspace with a custom DNS server": online endpoints of Azure ML have a
    zone of their own, whose names lead into the workspace's.
    """
    zones = {
        zone.removeprefix("privatelink.").replace("vaultcore.azure.net", "vault.azure.net")
        for zone in plan.private_dns_zones
    }
    return sorted(zones | {"inference.ml.azure.com"})


def _approvals(plan: HubPlan) -> Iterator[Diagnostic]:
    for index, rule in enumerate(plan.spec.databricks.private_endpoint_rules):
        yield Diagnostic(
            code="HUB014",
            summary="a private endpoint of serverless compute waits for its resource's owner",
            severity=Severity.NOTE,
            detail=f"send this request: within 14 days of the update, please approve Databricks' pending "
            f"connection:\naz network private-endpoint-connection list --id {rule.resource} --query "
            "\"[?properties.privateLinkServiceConnectionState.status=='Pending'].id\" -o tsv | "
            "xargs -n1 az network private-endpoint-connection approve --description lakeplane --id",
            path=("databricks", "private_endpoint_rules", index),
        )


def _runner(plan: HubPlan) -> Iterator[Diagnostic]:
    runner = plan.spec.runner
    if runner is None:
        return
    if runner.image is None:
        yield Diagnostic(
            code="HUB015",
            summary="the runner waits for its image",
            severity=Severity.NOTE,
            detail="its environment and identities come up; a job for each environment appears once "
            "runner.image names an image by digest, of this project as it is now",
            remedy=f"build it, where a builder is: lakeplane image runner {plan.spec.name} --registry HOST",
            path=("runner", "image"),
        )
        return
    if not plan.runner_identities:
        return
    registry = runner.image.partition("/")[0].partition(".")[0]
    yield Diagnostic(
        code="HUB016",
        summary="the registry's owner has to let the runner pull its image",
        severity=Severity.NOTE,
        detail="send this request: once the hub is up, please run\n"
        f"for name in {' '.join(plan.runner_identities.values())}; do "
        "az role assignment create --role AcrPull --assignee-principal-type ServicePrincipal "
        f"--scope $(az acr show --name {registry} --query id -o tsv) --assignee-object-id "
        f'$(az identity show --resource-group {plan.names.resource_group} --name "$name" '
        f"--subscription {plan.spec.subscription} --query principalId -o tsv); done",
        path=("runner", "image"),
    )
