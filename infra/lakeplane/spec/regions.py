"""Azure regions that have Databricks, Azure Machine Learning and AKS, and which of them have zones."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["REGIONS", "has_zones"]

_WITH_ZONES = (
    "australiaeast", "brazilsouth", "canadacentral", "centralindia", "centralus", "eastasia", "eastus",
    "eastus2", "francecentral", "germanywestcentral", "japaneast", "koreacentral", "northeurope",
    "norwayeast", "qatarcentral", "southafricanorth", "southcentralus", "southeastasia", "swedencentral",
    "switzerlandnorth", "uaenorth", "uksouth", "westeurope", "westus2", "westus3",
)  # fmt: skip
_WITHOUT_ZONES = (
    "australiasoutheast", "canadaeast", "japanwest", "northcentralus", "southindia", "switzerlandwest",
    "ukwest", "westcentralus", "westus",
)  # fmt: skip

REGIONS: Mapping[str, bool] = MappingProxyType(
    dict(sorted([*((name, True) for name in _WITH_ZONES), *((name, False) for name in _WITHOUT_ZONES)]))
)
"""Region to whether it has availability zones, in alphabetical order."""


def has_zones(region: str) -> bool:
    """Tell whether a region has availability zones, so that zone-redundant storage can be had."""
    return REGIONS[region]
