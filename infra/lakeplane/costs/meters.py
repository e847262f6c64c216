"""Which meter of the retail price API each item of the price table is.

Names of services, products and meters are the API's own, which compares them with case. They are those of
ahmadabdalla/azure-cost-calculator, `references/services/` (2026-03-07), and of Azure bills for Databricks'
SQL and Photon meters. Items whose meter no source names for certain, such as private DNS zones, are not here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lakeplane.spec.sizes import vm_sizes

__all__ = ["METERS", "MachineMeter", "Meter", "Query", "machine_meters", "queries"]

_GLOBAL = "Global"
_SIZES_A_QUERY = 15  # keeps addresses below the length that proxies take


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """One item as the API knows it.

    Attributes:
        item: The item of the price table.
        unit: Unit of the price table.
        measure: The API's unit, of which one is one of ours.
        service: The API's `serviceName`.
        meter: The API's `meterName`; compared without case and hyphens, which it writes in two ways.
        product: The API's `productName`; any if left out.
        sku: The API's `skuName`; any if left out.
        minimum: Units from which the price holds, for prices in bands.
        is_global: Whether there is one meter for all regions.
    """

    item: str
    unit: str
    measure: str
    service: str
    meter: str
    product: str | None = None
    sku: str | None = None
    minimum: float = 0
    is_global: bool = False

    def fits(self, row: dict[str, Any]) -> bool:
        """Tell whether a row of the API is this meter."""
        return (
            row["serviceName"] == self.service
            and _plain(row["meterName"]) == _plain(self.meter)
            and self.product in (None, row["productName"])
            and self.sku in (None, row["skuName"])
            and row["unitOfMeasure"] == self.measure
            and row["tierMinimumUnits"] == self.minimum
        )


@dataclass(frozen=True, slots=True)
class MachineMeter:
    """A size of virtual machines with Linux, on demand or spot.

    Attributes:
        size: Azure's name of the size, the API's `armSkuName`.
        spot: Whether it is the spot price.
    """

    size: str
    spot: bool = False

    unit = "hour"
    is_global = False

    @property
    def item(self) -> str:
        """The item of the price table."""
        return f"vm{'_spot' if self.spot else ''}:{self.size}"

    def fits(self, row: dict[str, Any]) -> bool:
        """Tell whether a row of the API is this meter; others of the size are Windows and low priority."""
        ends = str(row["skuName"])
        return (
            row["serviceName"] == "Virtual Machines"
            and row["armSkuName"] == self.size
            and "Windows" not in str(row["productName"])
            and not ends.endswith("Low Priority")
            and ends.endswith("Spot") == self.spot
            and row["unitOfMeasure"] == "1 Hour"
            and row["tierMinimumUnits"] == 0
        )


@dataclass(frozen=True, slots=True)
class Query:
    """One question to the API.

    Attributes:
        about: Service and region, for people who wait.
        filter: Its `$filter`.
        meters: What the answer is searched for.
    """

    about: str
    filter: str
    meters: tuple[Meter | MachineMeter, ...]


def queries(region: str) -> Iterator[Query]:
    """Yield the questions that together bring every item for a region."""
    sizes = sorted(vm_sizes())
    for start in range(0, len(sizes), _SIZES_A_QUERY):
        part = sizes[start : start + _SIZES_A_QUERY]
        any_of = " or ".join(f"armSkuName eq '{size}'" for size in part)
        about = f"Virtual Machines in {region}"
        yield Query(about, f"{_where('Virtual Machines', region)} and ({any_of})", machine_meters(part))
    for service, is_global in dict.fromkeys((meter.service, meter.is_global) for meter in METERS):
        wanted = tuple(one for one in METERS if (one.service, one.is_global) == (service, is_global))
        products = sorted({one.product for one in wanted if one.product})
        narrow = " or ".join(f"productName eq '{product}'" for product in products)
        every = all(one.product for one in wanted)
        place = _GLOBAL if is_global else region
        condition = _where(service, place) + (f" and ({narrow})" if narrow and every else "")
        yield Query(f"{service} in {place}", condition, wanted)


def machine_meters(sizes: list[str]) -> tuple[MachineMeter, ...]:
    """Return the meters of some sizes, on demand and spot."""
    return tuple(MachineMeter(size, spot) for size in sizes for spot in (False, True))


def _where(service: str, region: str) -> str:
    return f"priceType eq 'Consumption' and serviceName eq '{service}' and armRegionName eq '{region}'"


def _plain(name: str) -> str:
    return name.casefold().replace("-", " ")


def _hour(item: str, service: str, meter: str, product: str | None = None, **more: Any) -> Meter:
    return Meter(
        item=item, unit="hour", measure="1 Hour", service=service, meter=meter, product=product, **more
    )


def _gigabyte(item: str, service: str, meter: str, product: str | None = None, **more: Any) -> Meter:
    return Meter(item=item, unit="GB", measure="1 GB", service=service, meter=meter, product=product, **more)


def _dbu(kind: str, meter: str, product: str = "Azure Databricks") -> Meter:
    service = "Azure Databricks"
    return Meter(
        item=f"databricks:{kind}",
        unit="DBU",
        measure="1 Hour",
        service=service,
        meter=f"{meter} DBU",
        product=product,
    )


def _databricks() -> Iterator[Meter]:
    for tier in ("premium", "standard"):
        name = tier.title()
        yield _dbu(f"{tier}:all_purpose", f"{name} All-purpose Compute")
        yield _dbu(f"{tier}:all_purpose_photon", f"{name} All-purpose Photon")
        yield _dbu(f"{tier}:jobs_compute", f"{name} Jobs Compute")
        yield _dbu(f"{tier}:jobs_compute_photon", f"{name} Jobs Compute Photon")
        yield _dbu(f"{tier}:jobs_light", f"{name} Jobs Light Compute")
        yield _dbu(f"{tier}:sql_classic", f"{name} SQL Analytics")
    for level in ("core", "pro", "advanced"):
        yield _dbu(f"premium:dlt_{level}", f"Premium {level.title()} Compute Delta Live Tables")
    regional = "Azure Databricks Regional"
    yield _dbu("premium:sql_pro", "Premium SQL Compute Pro", regional)
    yield _dbu("premium:sql_serverless", "Premium Serverless SQL", regional)
    yield _dbu("premium:serverless_jobs", "Premium Automated Serverless Compute", regional)
    yield _dbu("premium:serverless_all_purpose", "Premium Interactive Serverless Compute", regional)
    yield _dbu("premium:model_serving", "Premium Serverless Realtime Inferencing", regional)
    yield _dbu("premium:model_training", "Premium Model Training", regional)


def _network() -> Iterator[Meter]:
    network, addresses = "Virtual Network", "IP Addresses"
    yield _hour("public_ip_hour", network, "Standard IPv4 Static Public IP", addresses)
    yield _hour("public_ip_global_hour", network, "Global IPv4 Static Public IP", addresses)
    link = "Virtual Network Private Link"
    yield _hour("private_endpoint_hour", network, "Standard Private Endpoint", link, is_global=True)
    for way, name in (("inbound", "Ingress"), ("outbound", "Egress")):
        yield _gigabyte(
            f"private_endpoint_gb_{way}", network, f"Standard Data Processed - {name}", link, is_global=True
        )
        yield _gigabyte(
            f"vnet_peering_gb_{way}",
            network,
            f"Intra-Region {name}",
            "Virtual Network Peering",
            is_global=True,
        )
    yield _hour("nat_gateway_hour", "NAT Gateway", "Standard Gateway", is_global=True)
    yield _gigabyte("nat_gateway_gb", "NAT Gateway", "Standard Data Processed", is_global=True)
    rules = "Standard Included LB Rules and Outbound Rules"
    yield _hour("load_balancer_hour", "Load Balancer", rules, is_global=True)
    yield _gigabyte("load_balancer_gb", "Load Balancer", "Standard Data Processed", is_global=True)
    firewall = "Azure Firewall"
    for tier in ("Standard", "Premium"):
        item = f"azure_firewall_{tier.lower()}_hour"
        yield _hour(item, firewall, f"{tier} Deployment", firewall, sku=tier)
    yield _gigabyte("azure_firewall_gb", firewall, "Standard Data Processed", firewall, sku="Standard")


def _services() -> Iterator[Meter]:
    aks = "Azure Kubernetes Service"
    yield _hour("aks_standard_uptime_hour", aks, "Standard Uptime SLA", aks)
    registry = "Container Registry"
    for tier in ("Basic", "Standard", "Premium"):
        yield Meter(
            item=f"acr_{tier.lower()}_day",
            unit="day",
            measure="1/Day",
            service=registry,
            meter=f"{tier} Registry Unit",
        )
    yield Meter(
        item="acr_premium_geo_replication_day",
        unit="day",
        measure="1/Day",
        service=registry,
        meter="Premium Registry Replication Unit",
    )
    vault = "Key Vault"
    operations = {
        "key_vault_10k_ops": "Operations",
        "key_vault_key_10k_ops_advanced": "Advanced Key Operations",
    }
    for item, meter in operations.items():
        yield Meter(
            item=item,
            unit="10k operations",
            measure="10K",
            service=vault,
            meter=meter,
            product=vault,
            sku="Standard",
        )
    yield Meter(
        item="key_vault_key_rotation",
        unit="rotation",
        measure="1 Rotation",
        service=vault,
        meter="Automated Key Rotation",
        product=vault,
        sku="Standard",
    )
    logs = "Analytics Logs"
    yield _gigabyte("log_analytics_gb", "Log Analytics", f"{logs} Data Analyzed", sku=logs)
    yield Meter(
        item="log_analytics_retention_gb_month",
        unit="GB-month",
        measure="1 GB",
        service="Log Analytics",
        meter=f"{logs} Data Retention",
        sku=logs,
    )


def _storage() -> Iterator[Meter]:
    for size in ("P4", "P6", "P10", "P15", "P20", "P30"):
        yield Meter(
            item=f"managed_disk_{size.lower()}_month",
            unit="disk-month",
            measure="1/Month",
            service="Storage",
            meter=f"{size} LRS Disk",
            product="Premium SSD Managed Disks",
            sku=f"{size} LRS",
        )
    for replication in ("LRS", "ZRS", "GRS", "GZRS", "RA-GRS", "RA-GZRS"):
        kind = replication.replace("-", "").lower()
        for tier, bands in (("hot", ("", "_next_450tb", "_over_500tb")), ("cool", ("",))):
            for band, minimum in zip(bands, (0, 51_200, 512_000), strict=False):
                yield Meter(
                    item=f"storage:blob_{tier}_{kind}_gb_month{band}",
                    unit="GB-month",
                    measure="1 GB/Month",
                    service="Storage",
                    meter=f"{tier.title()} {replication} Data Stored",
                    product="Azure Data Lake Storage Gen2 Hierarchical Namespace",
                    sku=f"{tier.title()} {replication}",
                    minimum=minimum,
                )


METERS: tuple[Meter, ...] = (*_databricks(), *_network(), *_services(), *_storage())
"""Every item but virtual machines."""
