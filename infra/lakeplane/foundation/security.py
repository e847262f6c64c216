"""The foundation's identities, vault, keys and registry."""

from __future__ import annotations

from lakeplane.components.container_registry import ContainerRegistry, ContainerRegistryArgs
from lakeplane.components.encryption_keys import CustomerManagedKey, EncryptionKeys, EncryptionKeysArgs
from lakeplane.components.identities import Identities, IdentitiesArgs, Identity
from lakeplane.components.key_vault import KeyVault, KeyVaultArgs
from lakeplane.foundation.base import Base
from lakeplane.foundation.network import EnvironmentNetwork
from lakeplane.foundation.private import connect_privately

__all__ = [
    "deploy_aks_vault",
    "deploy_identities",
    "deploy_keys",
    "deploy_ml_vault",
    "deploy_registry",
    "deploy_vault",
]

# One key for each use, so that one can be revoked alone. The cluster's stands with the cluster.
_USES = ("lake", "ml", "databricks-services", "databricks-disks", "databricks-root")


def deploy_identities(base: Base) -> dict[str, Identity]:
    """Register the user-assigned identities, and return them by purpose."""
    names = base.plan.names
    by_purpose = {
        "jobs": names.identity_jobs,
        "serving": names.identity_serving,
        "ml": names.identity_ml,
        "aks": names.identity_aks,
        "kubelet": f"{names.identity_aks}-kubelet",
    }
    if base.plan.spec.encryption.customer_managed:
        by_purpose["encryption"] = names.identity_encryption
    return Identities(
        "identities", IdentitiesArgs(placement=base.placement, identity_names=by_purpose), base.opts
    ).by_purpose


def deploy_vault(base: Base, network: EnvironmentNetwork) -> KeyVault:
    """Register the key vault and its private endpoint."""
    plan = base.plan
    vault = KeyVault(
        "vault",
        KeyVaultArgs(
            placement=base.placement,
            vault_name=plan.names.key_vault,
            tenant_id=plan.tenant_id,
            log_workspace_id=base.logs.workspace_id,
            allowed_addresses=plan.spec.access.addresses,
            lock=base.protect,
            diagnostic_settings=base.diagnostic_settings,
            role_assignments=base.rights_on("key_vault"),
        ),
        base.opts,
    )
    connect_privately(base, network, "vault", vault.vault_id, "vault")
    return vault


def deploy_ml_vault(base: Base, network: EnvironmentNetwork) -> KeyVault:
    """Register the vault that the Azure Machine Learning workspace keeps its secrets in.

    The workspace's identity administers its vault, so no key of another service may lie there.
    """
    return _closed_vault(base, network, "ml-vault", base.plan.names.ml_key_vault)


def deploy_aks_vault(base: Base, network: EnvironmentNetwork) -> KeyVault | None:
    """Register the vault of the cluster's own key, if the spec asks for keys of its own.

    AKS supports no vault that some public ranges may reach, and needs the role Key Vault Contributor on the
    one that it joins (AKS documentation, "Add KMS etcd encryption", limitations and private key vaults).
    """
    if not base.plan.spec.encryption.customer_managed:
        return None
    return _closed_vault(base, network, "aks-vault", base.plan.names.aks_key_vault)


def _closed_vault(base: Base, network: EnvironmentNetwork, name: str, vault_name: str) -> KeyVault:
    """Register a vault that has no public door, whatever the spec's access."""
    vault = KeyVault(
        name,
        KeyVaultArgs(
            placement=base.placement,
            vault_name=vault_name,
            tenant_id=base.plan.tenant_id,
            log_workspace_id=base.logs.workspace_id,
            lock=base.protect,
            diagnostic_settings=base.diagnostic_settings,
        ),
        base.opts,
    )
    connect_privately(base, network, name, vault.vault_id, "vault")
    return vault


def deploy_keys(base: Base, vault: KeyVault) -> EncryptionKeys | None:
    """Register the environment's own keys, if the spec asks for them."""
    if not base.plan.spec.encryption.customer_managed:
        return None
    return EncryptionKeys(
        "keys",
        EncryptionKeysArgs(
            placement=base.placement,
            vault_name=base.plan.names.key_vault,
            vault=vault.vault_name,
            uses=_USES,
        ),
        base.opts,
    )


def deploy_registry(
    base: Base, network: EnvironmentNetwork, identities: dict[str, Identity]
) -> ContainerRegistry:
    """Register the container registry and its private endpoint."""
    plan = base.plan
    registry = ContainerRegistry(
        "registry",
        ContainerRegistryArgs(
            placement=base.placement,
            registry_name=plan.names.container_registry,
            log_workspace_id=base.logs.workspace_id,
            allowed_addresses=plan.spec.access.addresses,
            customer_managed_key=_registry_key(base, identities),
            zone_redundant=bool(base.zones),
            lock=base.protect,
            diagnostic_settings=base.diagnostic_settings,
            role_assignments=base.rights_on("registry"),
        ),
        base.opts,
    )
    connect_privately(base, network, "registry", registry.registry_id, "registry")
    return registry


def _registry_key(base: Base, identities: dict[str, Identity]) -> CustomerManagedKey | None:
    """Register the registry's key in a vault of its own.

    Creating a registry with a key behind a vault's firewall fails, for its user-assigned identity is no
    trusted service (MicrosoftDocs/azure-docs issue 61064).
    """
    plan = base.plan
    if plan.spec.encryption.registry != "customer_managed":
        return None
    vault = KeyVault(
        "registry-vault",
        KeyVaultArgs(
            placement=base.placement,
            vault_name=plan.names.registry_key_vault,
            tenant_id=plan.tenant_id,
            log_workspace_id=base.logs.workspace_id,
            open_to_all_networks=True,
            lock=base.protect,
            diagnostic_settings=base.diagnostic_settings,
        ),
        base.opts,
    )
    keys = EncryptionKeys(
        "registry-keys",
        EncryptionKeysArgs(
            placement=base.placement,
            vault_name=plan.names.registry_key_vault,
            vault=vault.vault_name,
            uses=("registry",),
        ),
        base.opts,
    )
    return keys.readable_by("registry", identities["encryption"])
