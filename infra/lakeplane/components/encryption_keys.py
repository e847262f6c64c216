"""Keys of the environment's own that its services encrypt with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import keyvault

from lakeplane.components.identities import Identity
from lakeplane.components.placement import Placement, known_id
from lakeplane.components.role_assignments import assign_role

__all__ = ["ENCRYPTION_ROLE", "CustomerManagedKey", "EncryptionKey", "EncryptionKeys", "EncryptionKeysArgs"]

ENCRYPTION_ROLE = "Key Vault Crypto Service Encryption User"


@dataclass(frozen=True, slots=True)
class EncryptionKey:
    """One key.

    Attributes:
        arm_id: ARM id, known before it exists.
        id: The same id, as a value that waits for the key.
        name: Its name; waits for the key.
        vault_uri: URI of its vault, ending in a slash.
        uri: Its URI without a version, so that readers follow its rotation.
        uri_with_version: Its URI with its current version.
    """

    arm_id: str
    id: pulumi.Output[str]
    name: pulumi.Output[str]
    vault_uri: str
    uri: pulumi.Output[str]
    uri_with_version: pulumi.Output[str]

    @property
    def version(self) -> pulumi.Output[str]:
        """Its current version, for services that ask for name, vault and version apart."""
        return self.uri_with_version.apply(lambda uri: str(uri).rpartition("/")[2])


@dataclass(frozen=True, slots=True)
class CustomerManagedKey:
    """A key, who reads it, and the right that must be there before the first use.

    Attributes:
        key: The key.
        identity: The identity that the service reads it with.
        right: The identity's right; whoever uses the key depends on it.
    """

    key: EncryptionKey
    identity: Identity
    right: pulumi.Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class EncryptionKeysArgs:
    """What the keys need.

    Attributes:
        placement: Where their vault is.
        vault_name: Name of the vault; it must be protected against purging.
        vault: The same name, as a value that waits for the vault.
        uses: What the keys are for, such as `lake`; one key each.
    """

    placement: Placement
    vault_name: str
    vault: pulumi.Input[str]
    uses: Sequence[str]


class EncryptionKeys(pulumi.ComponentResource):
    """RSA keys that rotate by themselves, one for each use.

    Attributes:
        by_use: The keys by use.
    """

    def __init__(
        self, name: str, args: EncryptionKeysArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("lakeplane:security:EncryptionKeys", name, None, opts)
        self._name = name
        vault_id = args.placement.arm_id("Microsoft.KeyVault/vaults", args.vault_name)
        self.by_use: dict[str, EncryptionKey] = {}
        for use in args.uses:
            key = keyvault.Key(
                f"{name}-{use}",
                key_name=f"encrypt-{use}",
                vault_name=args.vault,
                resource_group_name=args.placement.resource_group_name,
                tags=args.placement.tags,
                properties=keyvault.KeyPropertiesArgs(
                    kty="RSA",
                    key_size=3072,
                    # AKS encrypts with its key, all others wrap keys of their own with theirs.
                    key_ops=["encrypt", "decrypt", "wrapKey", "unwrapKey"],
                    rotation_policy=_rotation(),
                ),
                opts=pulumi.ResourceOptions(parent=self),
            )
            arm_id = f"{vault_id}/keys/encrypt-{use}"
            self.by_use[use] = EncryptionKey(
                arm_id=arm_id,
                id=known_id(key, arm_id),
                name=known_id(key, f"encrypt-{use}"),
                vault_uri=f"https://{args.vault_name}.vault.azure.net/",
                uri=known_id(key, f"https://{args.vault_name}.vault.azure.net/keys/encrypt-{use}"),
                uri_with_version=key.key_uri_with_version,
            )
        self.register_outputs({use: key.id for use, key in self.by_use.items()})

    def readable_by(self, use: str, identity: Identity) -> CustomerManagedKey:
        """Let an identity wrap and unwrap with a key, and with no other."""
        key = self.by_use[use]
        right = assign_role(
            f"{self._name}-{use}-role",
            role=ENCRYPTION_ROLE,
            scope_id=key.arm_id,
            scope=key.id,
            principal=identity.arm_id,
            principal_id=identity.principal_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return CustomerManagedKey(key, identity, right)


def _rotation() -> keyvault.RotationPolicyArgs:
    """Make a new version every year; those who read the key without a version take it by themselves.

    No version expires: services that name one, such as Databricks for notebooks, would stop before the next
    update.
    """
    return keyvault.RotationPolicyArgs(
        lifetime_actions=[
            keyvault.LifetimeActionArgs(
                action=keyvault.ActionArgs(type=keyvault.KeyRotationPolicyActionType.ROTATE),
                trigger=keyvault.TriggerArgs(time_after_create="P1Y"),
            )
        ]
    )
