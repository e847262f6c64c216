"""The environment's key vault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
from pulumi_azure_native import keyvault, monitor

from lakeplane.components.placement import Placement, firewall_addresses, known_id

__all__ = ["KeyVault", "KeyVaultArgs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyVaultArgs:
    """What a key vault needs.

    Attributes:
        placement: Where it goes.
        vault_name: Its name, unique in Azure even after deletion until the vault is purged.
        tenant_id: Entra tenant whose identities may be given rights.
        log_workspace_id: ARM id of the log workspace that keeps the audit log.
        subnet_ids: Subnets that may reach the vault; none if left out.
        allowed_addresses: Public ranges that may reach the vault; with none, its public endpoint is off
            unless subnets are named.
        soft_delete_days: Days for which a deleted vault or secret can be restored; 90 if left out.
        protect: Let the engine refuse to delete it; not if left out.
    """

    placement: Placement
    vault_name: str
    tenant_id: str
    log_workspace_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]] = ()
    allowed_addresses: Sequence[IPv4Network] = ()
    soft_delete_days: int = 90
    protect: bool = False


class KeyVault(pulumi.ComponentResource):
    """Key vault that knows roles only, can't be purged, and answers none but the ranges and subnets named.

    Attributes:
        vault_id: ARM id of the vault.
        vault_name: Name of the vault; waits for it.
    """

    def __init__(self, name: str, args: KeyVaultArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("lakeplane:security:KeyVault", name, None, opts)
        reachable = bool(args.allowed_addresses or args.subnet_ids)
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
                    default_action="Deny",
                    # Azure Machine Learning and disk encryption come as trusted services.
                    bypass="AzureServices",
                    ip_rules=[
                        keyvault.IPRuleArgs(value=address)
                        for address in firewall_addresses(args.allowed_addresses)
                    ],
                    virtual_network_rules=[
                        keyvault.VirtualNetworkRuleArgs(id=subnet) for subnet in args.subnet_ids
                    ],
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        self.vault_id = known_id(vault, args.placement.arm_id("Microsoft.KeyVault/vaults", args.vault_name))
        monitor.DiagnosticSetting(
            f"{name}-audit-log",
            name="audit",
            resource_uri=self.vault_id,
            workspace_id=args.log_workspace_id,
            logs=[monitor.DiagnosticsLogSettingsArgs(category_group="audit", enabled=True)],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.vault_name: pulumi.Output[str] = vault.name
        self.register_outputs({"vault_id": self.vault_id, "vault_name": self.vault_name})
