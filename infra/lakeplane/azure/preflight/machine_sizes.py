"""Whether machine sizes can be had in the region, and in its zones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from lakeplane.azure.errors import AzureError
from lakeplane.azure.preflight.results import Result, State, not_checked

if TYPE_CHECKING:
    from lakeplane.azure.client import Client
    from lakeplane.azure.preflight.needs import Needs, SizeNeeded
    from lakeplane.azure.sign_in import Caller

__all__ = ["check_sizes"]


def check_sizes(client: Client, needs: Needs, caller: Caller) -> tuple[Result, ...]:
    """Look at each size's offer, restrictions and capabilities in the region."""
    del caller
    if not needs.sizes:
        return ()
    path = f"/subscriptions/{needs.subscription_id}/providers/Microsoft.Compute/skus"
    try:
        offered = {
            str(one.get("name", "")).lower(): one
            for one in client.list(path, "2021-07-01", _filter=f"location eq '{needs.region}'")
            if one.get("resourceType") == "virtualMachines"
        }
    except AzureError as error:
        return (not_checked("sizes", ", ".join(sorted({one.size for one in needs.sizes})), error),)
    return tuple(_each(needs, offered))


def _each(needs: Needs, offered: Mapping[str, Mapping[str, Any]]) -> Iterator[Result]:
    for wanted in needs.sizes:
        sku = offered.get(wanted.size.lower())
        lacking = f"not offered in {needs.region}" if sku is None else _lacking(sku, wanted, needs.region)
        yield Result(
            code="PRF050",
            area="sizes",
            subject=f"{wanted.size}, {wanted.uses}",
            state=State.MISSING if lacking else State.OK,
            found=lacking or f"offered{_in_zones(sku or {}, needs.region)}",
            remedy="choose another size or region in the spec; where a restriction is the subscription's "
            "own, a support request for quota lifts it"
            if lacking
            else "",
        )


def _lacking(sku: Mapping[str, Any], wanted: SizeNeeded, region: str) -> str:
    """Say what a size lacks; nothing if it can be had as it is wanted."""
    restricted: set[str] = set()
    for one in sku.get("restrictions") or ():
        if one.get("type") == "Location":
            return f"restricted in {region}: {one.get('reasonCode') or 'no reason told'}"
        restricted.update((one.get("restrictionInfo") or {}).get("zones") or ())
    zones = _zones(sku, region)
    lost = [zone for zone in wanted.zones if zone not in zones or zone in restricted]
    if lost:
        return f"not in zone {' and '.join(lost)} of {region}"
    if zones and not set(zones) - restricted:
        return f"restricted in every zone of {region}"
    values = {one.get("name"): str(one.get("value")) for one in sku.get("capabilities") or ()}
    unable = [name for name in wanted.capabilities if values.get(name, "").lower() != "true"]
    return f"lacks {' and '.join(unable)}" if unable else ""


def _zones(sku: Mapping[str, Any], region: str) -> tuple[str, ...]:
    for info in sku.get("locationInfo") or ():
        if str(info.get("location", "")).lower() == region.lower():
            return tuple(sorted(info.get("zones") or ()))
    return ()


def _in_zones(sku: Mapping[str, Any], region: str) -> str:
    zones = _zones(sku, region)
    return f" in zones {', '.join(zones)}" if zones else ", without zones"
