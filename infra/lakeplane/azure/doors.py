"""The hosts of an environment's data plane, and what to do where one of them can't be reached."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from lakeplane.planning import EnvironmentPlan

__all__ = ["Door", "Entrance", "entrance_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One host of the data plane.

    Attributes:
        name: What it is to people, such as `Databricks workspace`.
        host: Its name in DNS; empty if the foundation doesn't say.
        port: TCP port; 443 if left out.
        zone: Private DNS zone that it resolves in where access is private.
        page: What is asked for without a credential; the root if left out.
        needed: Whether contents can't be deployed without it.
        certificate_authority: Certificate, as PEM, that signs the host's own; the public ones if left out.
        own_authority: Whether a certificate authority of its own signs its certificate, known or not.
    """

    name: str
    host: str
    port: int = 443
    zone: str
    page: str = "/"
    needed: bool = False
    certificate_authority: str = ""
    own_authority: bool = False


@dataclass(frozen=True, slots=True)
class Entrance:
    """All doors of one environment.

    Attributes:
        doors: The hosts.
        private: Whether access is private, so that names have to resolve to private addresses.
        start_runner: Command that deploys from inside; empty if there is no runner.
        network_id: ARM id of the network that everything is reached from.
    """

    doors: tuple[Door, ...]
    private: bool
    start_runner: str
    network_id: str

    def remedy(self, failure: str, door: Door, our_address: str) -> str:
        """Say what to do about a door that stays closed."""
        if failure == "unknown":
            return "bring the foundation up again; its outputs are of another version, or it is not finished"
        if failure == "proxy":
            return "let NO_PROXY name the host if it is reached directly; otherwise the proxy decides"
        if self.private:
            return self._private_remedy(failure, door)
        if failure in ("timeout", "refused", "blocked"):
            whose = f"{our_address}, as the service sees us, " if our_address else "this network's exit "
            return f"add {whose}to access.addresses in the spec, then bring the foundation up again"
        if failure == "tls":
            return "let no proxy break the connection open, and correct this machine's clock if it is off"
        return "correct this machine's DNS, then run the same command again"

    def _private_remedy(self, failure: str, door: Door) -> str:
        inside = (
            f"deploy from inside, by the hub's runner: {self.start_runner}"
            if self.start_runner
            else f"deploy from a machine in {self.network_id} or in a network that is peered with it"
        )
        if failure in ("unresolved", "public"):
            return f"{inside}; here the private DNS zone {door.zone} is not linked to the network"
        if failure == "tls":
            return f"let no proxy break the connection open, or {inside}"
        return inside


def entrance_of(plan: EnvironmentPlan, foundation: Mapping[str, Any]) -> Entrance:
    """Find the doors of an environment.

    Args:
        plan: The environment.
        foundation: What the foundation's stack exports as `foundation`; what it lacks is followed from the
            plan where names say it, and is no door otherwise.
    """
    hub = plan.hub
    start = ""
    if hub is not None and plan.spec.name in hub.runner_jobs:
        start = f"lakeplane up {plan.spec.name} --target azure --through-runner"
    return Entrance(
        doors=tuple(_doors(plan, foundation)),
        private=plan.spec.access.mode == "private",
        start_runner=start,
        network_id=plan.virtual_network_id,
    )


def _doors(plan: EnvironmentPlan, foundation: Mapping[str, Any]) -> Iterator[Door]:
    names = plan.names
    workspace = str(foundation.get("databricks_workspace_url") or "")
    yield Door(
        name="Databricks workspace",
        host=urlsplit(workspace).hostname or workspace if "://" in workspace else workspace,
        zone=names.private_dns_databricks,
        page="/api/2.0/clusters/spark-versions",
        needed=True,
    )
    yield Door(
        name="AKS API server",
        host=str(foundation.get("aks_fqdn") or ""),
        zone=f"privatelink.{plan.spec.region}.azmk8s.io",
        page="/version",
        needed=True,
        certificate_authority=_pem(foundation.get("aks_certificate_authority")),
        own_authority=True,
    )
    vault = foundation.get("key_vault_name") or names.key_vault
    account = foundation.get("storage_account_name") or names.storage_account
    registry = foundation.get("container_registry_server") or f"{names.container_registry}.azurecr.io"
    yield Door(name="key vault", host=f"{vault}.vault.azure.net", zone=names.private_dns_key_vault)
    yield Door(name="registry", host=str(registry), zone=names.private_dns_container_registry, page="/v2/")
    yield Door(name="lake, blob", host=f"{account}.blob.core.windows.net", zone=names.private_dns_blob)
    yield Door(name="lake, dfs", host=f"{account}.dfs.core.windows.net", zone=names.private_dns_dfs)


def _pem(encoded: Any) -> str:
    """Decode the cluster's certificate authority; nothing where it is none, or kept secret in the state."""
    if not isinstance(encoded, str):
        return ""
    try:
        text = base64.b64decode(encoded, validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return text if "BEGIN CERTIFICATE" in text else ""
