"""The registry of the environment's container images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
from pulumi_azure_native import containerregistry

from lakeplane.components.diagnostics import send_logs
from lakeplane.components.encryption_keys import CustomerManagedKey
from lakeplane.components.locks import lock_against_deletion
from lakeplane.components.placement import Placement, firewall_addresses, known_id

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
        lock: Let Azure refuse to delete it; not if left out.
    """

    placement: Placement
    registry_name: str
    log_workspace_id: pulumi.Input[str]
    allowed_addresses: Sequence[IPv4Network] = ()
    customer_managed_key: CustomerManagedKey | None = None
    zone_redundant: bool = False
    untagged_days: int = 7
    lock: bool = False


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
            identity=_identity(key),
            encryption=_encryption(key),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[key.right] if key else None),
        )
        self.registry_id = known_id(
            registry, args.placement.arm_id("Microsoft.ContainerRegistry/registries", args.registry_name)
        )
        send_logs(
            f"{name}-audit-log",
            resource_id=self.registry_id,
            log_workspace_id=args.log_workspace_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        if args.lock:
            lock_against_deletion(
                f"{name}-lock", resource_id=self.registry_id, opts=pulumi.ResourceOptions(parent=self)
            )
        self.login_server: pulumi.Output[str] = registry.login_server
        self.register_outputs({"registry_id": self.registry_id, "login_server": self.login_server})


def _identity(key: CustomerManagedKey | None) -> containerregistry.IdentityPropertiesArgs | None:
    if key is None:
        return None
    return containerregistry.IdentityPropertiesArgs(
        type=containerregistry.ResourceIdentityType.USER_ASSIGNED,
        user_assigned_identities={key.identity.arm_id: containerregistry.UserIdentityPropertiesArgs()},
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
