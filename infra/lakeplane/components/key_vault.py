"""The environment's key vault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
from pulumi_azure_native import keyvault

from lakeplane.components.attachments import attach
from lakeplane.components.diagnostics import DiagnosticTarget, send_logs
from lakeplane.components.placement import Placement, firewall_addresses, known_id
from lakeplane.components.private_endpoints import PrivateEndpointSettings
from lakeplane.components.role_assignments import RoleGrant

__all__ = ["KeyVault", "KeyVaultArgs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyVaultArgs:
    """What a key vault needs.

    Attributes:
        placement: Where it goes.
        vault_name: Its name, unique in Azure even after deletion until the vault is purged.
        tenant_id: Entra tenant whose identities may be given rights.
        log_workspace_id: ARM id of the log workspace that keeps the audit log.
        allowed_addresses: Public ranges that may reach the vault; with none, its public endpoint is off, and
            private endpoints and Azure's trusted services are the only ways in.
        open_to_all_networks: Let every network reach it, so that roles alone protect it; not if left out. For
            keys of services that read none behind a firewall.
        soft_delete_days: Days for which a deleted vault or secret can be restored; 90 if left out.
        lock: Let Azure refuse to delete it; not if left out.
        diagnostic_settings: Where else its logs are sent; the log workspace alone if left out.
        role_assignments: Rights of others on it; none if left out.
        private_endpoints: Private ways to it that are made with it; none if left out.
    """

    placement: Placement
    vault_name: str
    tenant_id: str
    log_workspace_id: pulumi.Input[str]
    allowed_addresses: Sequence[IPv4Network] = ()
    open_to_all_networks: bool = False
    soft_delete_days: int = 90
    lock: bool = False
    diagnostic_settings: Sequence[DiagnosticTarget] = ()
    role_assignments: Sequence[RoleGrant] = ()
    private_endpoints: Sequence[PrivateEndpointSettings] = ()


class KeyVault(pulumi.ComponentResource):
    """Key vault that knows roles only, can't be purged, and answers none but the ranges named.

    Attributes:
        vault_id: ARM id of the vault.
        vault_name: Name of the vault; waits for it.
    """

    def __init__(self, name: str, args: KeyVaultArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("lakeplane:security:KeyVault", name, None, opts)
        reachable = bool(args.allowed_addresses) or args.open_to_all_networks
        vault = keyvault.Vault(
            f"{name}-vault",
            vault_name=args.vault_name,
            resource_group_name=args.placement.resource_group_name,
            location=args.placement.location,
            tags=args.placement.tags,
            properties=keyvault.VaultPropertiesArgs(
                tenant_id=args.tenant_id,
                sku=keyvault.SkuArgs(family="A", name="standard"),
                enable_rbac_authorization=True,
                enable_soft_delete=True,
                enable_purge_protection=True,
                soft_delete_retention_in_days=args.soft_delete_days,
                enabled_for_deployment=False,
                enabled_for_disk_encryption=False,
                enabled_for_template_deployment=False,
                public_network_access="Enabled" if reachable else "Disabled",
                network_acls=keyvault.NetworkRuleSetArgs(
                    default_action="Allow" if args.open_to_all_networks else "Deny",
                    # Azure Machine Learning, storage and disk encryption come as trusted services, which the
                    # vault also answers while its public endpoint is off.
                    bypass="AzureServices",
                    ip_rules=[
                        keyvault.IPRuleArgs(value=address)
                        for address in firewall_addresses(args.allowed_addresses)
                    ],
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        arm_id = args.placement.arm_id("Microsoft.KeyVault/vaults", args.vault_name)
        self.vault_id = known_id(vault, arm_id)
        send_logs(
            f"{name}-audit-log",
            resource_id=self.vault_id,
            log_workspace_id=args.log_workspace_id,
            in_own_tables=True,
            opts=pulumi.ResourceOptions(parent=self),
            also_to=args.diagnostic_settings,
        )
        attach(
            name,
            arm_id=arm_id,
            resource_id=self.vault_id,
            parent=self,
            placement=args.placement,
            lock=args.lock,
            role_assignments=args.role_assignments,
            private_endpoints=args.private_endpoints,
        )
        self.vault_name: pulumi.Output[str] = vault.name
        self.register_outputs({"vault_id": self.vault_id, "vault_name": self.vault_name})
