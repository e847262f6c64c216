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
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from lakeplane.spec import EnvironmentSpec

__all__ = [
    "NAME_RULES",
    "PRIVATE_DNS_ZONES",
    "PRIVATE_LINK_ZONES",
    "NameRule",
    "Named",
    "ResourceNames",
    "aks_private_dns_zone",
    "physical_name",
    "plan_names",
]


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
        # Azure Machine Learning administers its vault, and AKS reaches one by Private Link alone.
        "ml_key_vault": NameRule("kvml", 24, unique=True),
        "aks_key_vault": NameRule("kvaks", 24, unique=True),
        "container_registry": NameRule("cr", 50, unique=True, compact=True),
        "log_workspace": NameRule("log", 63),
        "application_insights": NameRule("appi", 255),
        "databricks_workspace": NameRule("dbw", 64),
        # A workspace cannot take over another one's managed resource group: each needs a name of its own.
        "databricks_managed_resource_group": NameRule("rg-dbw", 90, unique=True),
        "access_connector": NameRule("dbac", 64),
        "ml_workspace": NameRule("mlw", 33, unique=True),
        # Unique in its region only, for its host name holds no workspace.
        "ml_endpoint": NameRule("mle", 32, unique=True),
        "monitor_workspace": NameRule("amw", 44),
        "data_collection_endpoint": NameRule("dce", 44),
        "metrics_collection_rule": NameRule("dcr", 64, suffix="metrics"),
        "container_collection_rule": NameRule("dcr", 64, suffix="containers"),
        "aks_cluster": NameRule("aks", 63),
        "aks_dns_prefix": NameRule("aks", 54, unique=True),
        "aks_node_resource_group": NameRule("rg-aks", 80, unique=True),
        "identity_jobs": NameRule("id", 128, suffix="jobs"),
        "identity_serving": NameRule("id", 128, suffix="serving"),
        "identity_aks": NameRule("id", 128, suffix="aks"),
        "identity_ml": NameRule("id", 128, suffix="ml"),
        "identity_encryption": NameRule("id", 128, suffix="encryption"),
        "route_table": NameRule("rt", 80),
        # Databricks' own account, in the group that it manages.
        "databricks_storage_account": NameRule("stdbw", 24, unique=True, compact=True),
        "registry_key_vault": NameRule("kvcr", 24, unique=True),
        "action_group": NameRule("ag", 260),
        "budget": NameRule("budget", 63),
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
    ml_key_vault: str
    aks_key_vault: str
    container_registry: str
    log_workspace: str
    application_insights: str
    databricks_workspace: str
    databricks_managed_resource_group: str
    access_connector: str
    ml_workspace: str
    ml_endpoint: str
    monitor_workspace: str
    data_collection_endpoint: str
    metrics_collection_rule: str
    container_collection_rule: str
    aks_cluster: str
    aks_dns_prefix: str
    aks_node_resource_group: str
    identity_jobs: str
    identity_serving: str
    identity_aks: str
    identity_ml: str
    identity_encryption: str
    route_table: str
    databricks_storage_account: str
    registry_key_vault: str
    action_group: str
    budget: str
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
        # Endpoints take 64 characters, too few for organisation and region beside the target.
        return f"pep-{self.catalog}-{target}"

    def external_location(self, container: str) -> str:
        """Name the Unity Catalog external location of a container of the lake."""
        return f"{self.storage_credential}_{container}"

    def as_dict(self) -> dict[str, str]:
        """Return all names by attribute."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


PRIVATE_DNS_ZONES = tuple(
    str(field.default) for field in fields(ResourceNames) if field.name.startswith("private_dns_")
)
"""The zone of every kind of private endpoint that an environment has."""

# Microsoft Learn, "Azure Private Endpoint private DNS zone values".
PRIVATE_LINK_ZONES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "amlworkspace": ("privatelink.api.azureml.ms", "privatelink.notebooks.azure.net"),
        "blob": ("privatelink.blob.core.windows.net",),
        "browser_authentication": ("privatelink.azuredatabricks.net",),
        "databricks_ui_api": ("privatelink.azuredatabricks.net",),
        "dfs": ("privatelink.dfs.core.windows.net",),
        "file": ("privatelink.file.core.windows.net",),
        "registry": ("privatelink.azurecr.io",),
        "vault": ("privatelink.vaultcore.azure.net",),
    }
)
"""The private DNS zones in which an endpoint registers, by the part of a service that it leads to."""


def aks_private_dns_zone(region: str) -> str:
    """Return the private DNS zone of API servers that stand in a network, without a public name.

    AKS documentation, "Create a private AKS cluster": the form for API Server VNet Integration.
    """
    return f"private.{region}.azmk8s.io"


class Named(Protocol):
    """What names are made of: a spec of an environment or of a hub."""

    @property
    def organisation(self) -> str:
        """Whose it is."""

    @property
    def name(self) -> str:
        """Its short name."""

    @property
    def region(self) -> str:
        """Azure region."""

    @property
    def subscription(self) -> str:
        """Azure subscription's id."""

    @property
    def generation(self) -> int:
        """Raised after a clash with soft-deleted names."""


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


def physical_name(rule: NameRule, named: Named) -> str:
    """Name one resource of an environment or of a hub."""
    return _name(rule, named, _digest(named))


def _digest(spec: Named) -> str:
    identity = "\n".join((spec.organisation, spec.subscription, spec.name, str(spec.generation)))
    # Eight letters of base 32 are 40 bits; the readable part in front keeps organisations apart as well.
    return b32encode(hashlib.sha256(identity.encode()).digest()).decode("ascii").lower()[:8]


def _name(rule: NameRule, spec: Named, digest: str) -> str:
    joint = "" if rule.compact else "-"
    last = [part for part in (digest if rule.unique else spec.region, rule.suffix) if part]
    room = rule.longest - len(joint.join((rule.prefix, "", *last)))
    return joint.join((rule.prefix, _shorten((spec.organisation, spec.name), room, joint), *last))


def _shorten(parts: tuple[str, str], room: int, joint: str) -> str:
    """Join organisation and environment, cutting the organisation's end where both do not fit."""
    organisation, environment = parts
    space = room - len(joint) - len(environment)
    return joint.join((organisation[:space], environment)) if space > 0 else environment[:room]
