"""What an environment or a hub asks of its subscription, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Network

__all__ = ["ActionElsewhere", "CoresNeeded", "ExistingSubnet", "GlobalName", "Needs", "SizeNeeded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoresNeeded:
    """Cores of one quota family.

    Attributes:
        family: Azure's name of the family, such as `standardDDSv5Family`.
        least: Cores without which the environment doesn't come up.
        most: Cores that it takes when everything in it has grown as far as its spec allows.
        uses: What takes them, in a few words.
        machine_learning: Whether Azure ML's own quota is meant, which is apart from the virtual machines'.
    """

    family: str
    least: int
    most: int
    uses: str
    machine_learning: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeNeeded:
    """One machine size, and what has to be true of it in the region.

    Attributes:
        size: Azure's name, such as `Standard_D4ds_v5`.
        uses: What uses it.
        zones: Availability zones that it is asked for in; any if empty.
        capabilities: Azure's names of capabilities that have to be `True`.
    """

    size: str
    uses: str
    zones: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ActionElsewhere:
    """A right that is needed on something that others own.

    Attributes:
        scope: ARM id of what it is on.
        action: ARM's action.
        role: Built-in role that gives it.
    """

    scope: str
    action: str
    role: str


@dataclass(frozen=True, slots=True)
class GlobalName:
    """A name that only one in the world may have.

    Attributes:
        type: Resource type in ARM's words, such as `Microsoft.KeyVault/vaults`.
        arm_id: Id that the resource will have; its last part is the name.
        use: What it is for.
    """

    type: str
    arm_id: str
    use: str

    @property
    def name(self) -> str:
        """The name."""
        return self.arm_id.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class ExistingSubnet:
    """A subnet that the spec says is there.

    Attributes:
        name: Its name.
        use: What it is for.
        delegation: Service that it has to be delegated to; to none if empty.
        longest_prefix: Longest prefix that leaves enough addresses.
    """

    name: str
    use: str
    delegation: str
    longest_prefix: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """All that is asked of Azure before an `up`.

    Attributes:
        name: Name of the environment or hub.
        subscription_id: Azure subscription, a GUID.
        tenant_id: Entra tenant, a GUID.
        region: Azure region.
        generation: The spec's `generation`, which is raised where a name is taken.
        actions: Rights that whoever deploys needs on the subscription, as ARM's actions.
        elsewhere: Rights that are needed outside of the subscription.
        roles: Roles that the program assigns to service principals, by name or GUID.
        group_roles: Roles that it assigns to groups; none if left out.
        providers: Namespaces of resource providers that have to be registered.
        features: Features that have to be registered, as `namespace/name`.
        cores: Cores by quota family.
        sizes: Machine sizes.
        names: Names that have to be free in the world.
        owned_groups: Resource groups that a service makes for one resource: the group's id by the resource's.
        resource_group_id: ARM id of the resource group; once it is there, quota is partly used by itself.
        ml_workspace_id: ARM id of the Azure ML workspace; empty for hubs.
        address_space: Range of the virtual network.
        network_id: ARM id of the virtual network.
        hub_network_id: ARM id of the hub's network that it is peered with; empty without a hub.
        existing_subnets: Subnets of a network that is brought along.
        databricks_account_id: Databricks account; empty if the spec names none.
        account_admin: Whether the program registers something of the Databricks account, which only an
            administrator of the account may.
        metastore_id: Metastore that the region has, as the hub's spec says; empty if it says nothing.
        connectivity_config: Network connectivity config that is said to exist; empty if none is.
    """

    name: str
    subscription_id: str
    tenant_id: str
    region: str
    generation: int
    actions: tuple[str, ...]
    elsewhere: tuple[ActionElsewhere, ...] = ()
    roles: tuple[str, ...] = ()
    group_roles: tuple[str, ...] = ()
    providers: tuple[str, ...]
    features: tuple[str, ...] = ()
    cores: tuple[CoresNeeded, ...] = ()
    sizes: tuple[SizeNeeded, ...] = ()
    names: tuple[GlobalName, ...] = ()
    owned_groups: Mapping[str, str] = field(default_factory=dict)
    resource_group_id: str
    ml_workspace_id: str = ""
    address_space: IPv4Network
    network_id: str
    hub_network_id: str = ""
    existing_subnets: tuple[ExistingSubnet, ...] = ()
    databricks_account_id: str = ""
    account_admin: bool = False
    metastore_id: str = ""
    connectivity_config: str = ""
