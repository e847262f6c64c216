"""The registry of the environment's container images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network

import pulumi
from pulumi_azure_native import containerregistry

from lakeplane.components.attachments import attach
from lakeplane.components.diagnostics import DiagnosticTarget, send_logs
from lakeplane.components.encryption_keys import CustomerManagedKey
from lakeplane.components.managed_identities import ManagedIdentities, kind_of_identity, user_assigned
from lakeplane.components.placement import Placement, firewall_addresses, known_id
from lakeplane.components.private_endpoints import PrivateEndpointSettings
from lakeplane.components.role_assignments import RoleGrant

__all__ = ["ContainerRegistry", "ContainerRegistryArgs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerRegistryArgs:
    """What a registry needs.

    Attributes:
        placement: Where it goes.
        registry_name: Its name, unique in Azure.
        allowed_addresses: Public ranges that may reach it; with none, its public endpoint is off.
        log_workspace_id: ARM id of the log workspace.
        customer_managed_key: The key that it is encrypted with, which the service takes at creation only;
            Microsoft's if left out.
        zone_redundant: Keep copies in several zones; not if left out.
        untagged_days: Days after which images without a tag are deleted; 7 if left out.
        managed_identities: Identities beside the one that reads its key; none if left out.
        lock: Let Azure refuse to delete it; not if left out.
        diagnostic_settings: Where else its logs are sent; the log workspace alone if left out.
        role_assignments: Rights of others on it; none if left out.
        private_endpoints: Private ways to it that are made with it; none if left out.
    """

    placement: Placement
    registry_name: str
    log_workspace_id: pulumi.Input[str]
    allowed_addresses: Sequence[IPv4Network] = ()
    customer_managed_key: CustomerManagedKey | None = None
    zone_redundant: bool = False
    untagged_days: int = 7
    managed_identities: ManagedIdentities = field(default_factory=ManagedIdentities)
    lock: bool = False
    diagnostic_settings: Sequence[DiagnosticTarget] = ()
    role_assignments: Sequence[RoleGrant] = ()
    private_endpoints: Sequence[PrivateEndpointSettings] = ()


class ContainerRegistry(pulumi.ComponentResource):
    """Premium registry without an admin user or anonymous pulls.

    Attributes:
        registry_id: ARM id of the registry.
        login_server: Host that images are pulled from.
    """

    def __init__(
        self, name: str, args: ContainerRegistryArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("lakeplane:registry:ContainerRegistry", name, None, opts)
        # Nodes and jobs of the environment come by its private endpoint.
        addresses = firewall_addresses(args.allowed_addresses)
        key = args.customer_managed_key
        registry = containerregistry.Registry(
            f"{name}-registry",
            registry_name=args.registry_name,
            resource_group_name=args.placement.resource_group_name,
            location=args.placement.location,
            tags=args.placement.tags,
            # Firewall rules and private endpoints come with this tier only.
            sku=containerregistry.SkuArgs(name="Premium"),
            admin_user_enabled=False,
            anonymous_pull_enabled=False,
            data_endpoint_enabled=True,
            public_network_access="Enabled" if addresses else "Disabled",
            network_rule_bypass_options="AzureServices",
            network_rule_set=containerregistry.NetworkRuleSetArgs(
                default_action="Deny",
                ip_rules=[
                    containerregistry.IPRuleArgs(i_p_address_or_range=address, action="Allow")
                    for address in addresses
                ],
            ),
            zone_redundancy="Enabled" if args.zone_redundant else "Disabled",
            policies=containerregistry.PoliciesArgs(
                retention_policy=containerregistry.RetentionPolicyArgs(
                    days=args.untagged_days, status="enabled"
                ),
                # Content trust is retired by the service; images are named by digest instead.
                trust_policy=containerregistry.TrustPolicyArgs(status="disabled", type="Notary"),
                # The service lets exports be off only while the public endpoint is off too.
                export_policy=containerregistry.ExportPolicyArgs(
                    status="enabled" if addresses else "disabled"
                ),
            ),
            identity=_identity(args),
            encryption=_encryption(key),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[key.right] if key else None),
        )
        arm_id = args.placement.arm_id("Microsoft.ContainerRegistry/registries", args.registry_name)
        self.registry_id = known_id(registry, arm_id)
        send_logs(
            f"{name}-audit-log",
            resource_id=self.registry_id,
            log_workspace_id=args.log_workspace_id,
            opts=pulumi.ResourceOptions(parent=self),
            also_to=args.diagnostic_settings,
        )
        attach(
            name,
            arm_id=arm_id,
            resource_id=self.registry_id,
            parent=self,
            placement=args.placement,
            lock=args.lock,
            role_assignments=args.role_assignments,
            private_endpoints=args.private_endpoints,
        )
        self.login_server: pulumi.Output[str] = registry.login_server
        self.register_outputs({"registry_id": self.registry_id, "login_server": self.login_server})


def _identity(args: ContainerRegistryArgs) -> containerregistry.IdentityPropertiesArgs | None:
    key, wanted = args.customer_managed_key, args.managed_identities
    users = user_assigned(wanted, *([key.identity] if key else []))
    kind = kind_of_identity(wanted, users)
    if kind is None:
        return None
    return containerregistry.IdentityPropertiesArgs(
        # This service alone writes a blank between the two.
        type=containerregistry.ResourceIdentityType(kind.replace(",", ", ")),
        user_assigned_identities={one.arm_id: containerregistry.UserIdentityPropertiesArgs() for one in users}
        or None,
    )


def _encryption(key: CustomerManagedKey | None) -> containerregistry.EncryptionPropertyArgs | None:
    if key is None:
        return None
    return containerregistry.EncryptionPropertyArgs(
        status="enabled",
        key_vault_properties=containerregistry.KeyVaultPropertiesArgs(
            key_identifier=key.key.uri, identity=key.identity.client_id
        ),
    )
