"""Physical names of one environment: Cloud Adoption Framework abbreviations, within the services' limits.

A name reads `<abbreviation>-<organisation>-<environment>-<region>`. Where it would be too long, the middle
is cut. Where it has to be unique in all of Azure, it ends in a hash of organisation, subscription,
environment and generation instead of the region, so that no two organisations share one and a raised
`generation` yields new names beside soft-deleted ones.
"""

from __future__ import annotations

import hashlib
from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lakeplane.spec import EnvironmentSpec

__all__ = ["NAME_RULES", "NameRule", "ResourceNames", "plan_names"]


@dataclass(frozen=True, slots=True)
class NameRule:
    """How one kind of resource is named.

    Attributes:
        prefix: Abbreviation of the Cloud Adoption Framework, and what else comes first.
        longest: Most characters that the service allows.
        suffix: What comes last; empty for most.
        unique: Whether the name has to be unique in all of Azure (or among soft-deleted names), so that it
            ends in the hash.
        compact: Whether only letters and digits are allowed.
    """

    prefix: str
    longest: int
    suffix: str = ""
    unique: bool = False
    compact: bool = False


NAME_RULES: Mapping[str, NameRule] = MappingProxyType(
    {
        "resource_group": NameRule("rg", 90),
        "virtual_network": NameRule("vnet", 64),
        "nsg": NameRule("nsg", 80),
        "nat_gateway": NameRule("ng", 80),
        "nat_public_ip": NameRule("pip", 80, suffix="nat"),
        "storage_account": NameRule("st", 24, unique=True, compact=True),
        "ml_storage_account": NameRule("stml", 24, unique=True, compact=True),
        "key_vault": NameRule("kv", 24, unique=True),
        "container_registry": NameRule("cr", 50, unique=True, compact=True),
        "log_workspace": NameRule("log", 63),
        "application_insights": NameRule("appi", 255),
        "databricks_workspace": NameRule("dbw", 64),
        # A workspace cannot take over another one's managed resource group: each needs a name of its own.
        "databricks_managed_resource_group": NameRule("rg-dbw", 90, unique=True),
        "access_connector": NameRule("dbac", 64),
        "ml_workspace": NameRule("mlw", 33, unique=True),
        "aks_cluster": NameRule("aks", 63),
        "aks_dns_prefix": NameRule("aks", 54, unique=True),
        "aks_node_resource_group": NameRule("rg-aks", 80, unique=True),
        "identity_jobs": NameRule("id", 128, suffix="jobs"),
        "identity_serving": NameRule("id", 128, suffix="serving"),
        "identity_aks": NameRule("id", 128, suffix="aks"),
        "identity_ml": NameRule("id", 128, suffix="ml"),
    }
)

_SUBNETS = ("databricks-host", "databricks-container", "aks-nodes", "private-endpoints", "aks-api-server")


@dataclass(frozen=True, slots=True)
class ResourceNames:
    """Every physical name of an environment, known before anything exists."""

    resource_group: str
    virtual_network: str
    nsg: str
    nat_gateway: str
    nat_public_ip: str
    storage_account: str
    ml_storage_account: str
    key_vault: str
    container_registry: str
    log_workspace: str
    application_insights: str
    databricks_workspace: str
    databricks_managed_resource_group: str
    access_connector: str
    ml_workspace: str
    aks_cluster: str
    aks_dns_prefix: str
    aks_node_resource_group: str
    identity_jobs: str
    identity_serving: str
    identity_aks: str
    identity_ml: str
    subnet_databricks_host: str
    subnet_databricks_container: str
    subnet_aks_nodes: str
    subnet_private_endpoints: str
    subnet_aks_api_server: str
    catalog: str
    storage_credential: str
    instance_pool: str
    gpu_instance_pool: str
    private_dns_blob: str = "privatelink.blob.core.windows.net"
    private_dns_dfs: str = "privatelink.dfs.core.windows.net"
    private_dns_file: str = "privatelink.file.core.windows.net"
    private_dns_key_vault: str = "privatelink.vaultcore.azure.net"
    private_dns_container_registry: str = "privatelink.azurecr.io"
    private_dns_databricks: str = "privatelink.azuredatabricks.net"
    private_dns_ml_api: str = "privatelink.api.azureml.ms"
    private_dns_ml_notebooks: str = "privatelink.notebooks.azure.net"

    def private_endpoint(self, target: str) -> str:
        """Name the private endpoint of a target, such as `blob` or `key-vault`."""
        return f"pep-{self.resource_group.removeprefix('rg-')}-{target}"

    def external_location(self, container: str) -> str:
        """Name the Unity Catalog external location of a container of the lake."""
        return f"{self.storage_credential}_{container}"

    def as_dict(self) -> dict[str, str]:
        """Return all names by attribute."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def plan_names(spec: EnvironmentSpec) -> ResourceNames:
    """Name everything that an environment has."""
    digest = _digest(spec)
    names = {key: _name(rule, spec, digest) for key, rule in NAME_RULES.items()}
    subnets = {f"subnet_{kind.replace('-', '_')}": f"snet-{kind}" for kind in _SUBNETS}
    return ResourceNames(
        **names,
        **subnets,
        catalog=spec.name,
        # A metastore is shared by all workspaces of a region, and with it these names.
        storage_credential=f"{spec.organisation}_{spec.name}",
        instance_pool=f"pool-{spec.name}",
        gpu_instance_pool=f"pool-{spec.name}-gpu",
    )


def _digest(spec: EnvironmentSpec) -> str:
    identity = "\n".join((spec.organisation, spec.subscription, spec.name, str(spec.generation)))
    # Eight letters of base 32 are 40 bits; the readable part in front keeps organisations apart as well.
    return b32encode(hashlib.sha256(identity.encode()).digest()).decode("ascii").lower()[:8]


def _name(rule: NameRule, spec: EnvironmentSpec, digest: str) -> str:
    joint = "" if rule.compact else "-"
    last = [part for part in (digest if rule.unique else spec.region, rule.suffix) if part]
    room = rule.longest - len(joint.join((rule.prefix, "", *last)))
    return joint.join((rule.prefix, _shorten((spec.organisation, spec.name), room, joint), *last))


def _shorten(parts: tuple[str, str], room: int, joint: str) -> str:
    """Join organisation and environment, cutting the organisation's end where both do not fit."""
    organisation, environment = parts
    space = room - len(joint) - len(environment)
    return joint.join((organisation[:space], environment)) if space > 0 else environment[:room]
