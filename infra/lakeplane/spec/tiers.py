"""What a tier stands for: sizes and hours, as data. A tier never opens or closes a door."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from lakeplane.spec.regions import REGIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["TIERS", "TIER_DEFAULTS", "with_tier_defaults"]

TIERS = ("dev", "test", "prod")

_RUNTIMES = {"runtime": "18.x-scala2.13", "gpu_runtime": "18.0.x-gpu-ml-scala2.13"}

TIER_DEFAULTS: Mapping[str, Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "dev": {
            "lake": {"replication": "LRS"},
            "databricks": {
                "node_type": "Standard_D4ds_v5",
                "gpu_node_type": "Standard_NC4as_T4_v3",
                "max_workers": 4,
                "gpu_max_workers": 2,
                "autotermination_minutes": 30,
                "pool_max_capacity": 10,
                "gpu_pool_max_capacity": 2,
                "sql_warehouse": {"size": "2X-Small", "auto_stop_minutes": 10, "max_clusters": 1},
                **_RUNTIMES,
            },
            "ml": {
                "cpu_size": "Standard_DS3_v2",
                "max_nodes": 2,
                "endpoint": {"instance_type": "Standard_DS3_v2", "instance_count": 1},
            },
            "aks": {
                "node_size": "Standard_D4ds_v5",
                "node_count": 1,
                "max_node_count": 3,
                "system_node_size": "Standard_D4ds_v5",
                "system_node_count": 2,
            },
        },
        "test": {
            "lake": {"replication": "ZRS"},
            "databricks": {
                "node_type": "Standard_D4ds_v5",
                "gpu_node_type": "Standard_NC4as_T4_v3",
                "max_workers": 8,
                "gpu_max_workers": 2,
                "autotermination_minutes": 30,
                "pool_max_capacity": 20,
                "gpu_pool_max_capacity": 2,
                "sql_warehouse": {"size": "2X-Small", "auto_stop_minutes": 10, "max_clusters": 1},
                **_RUNTIMES,
            },
            "ml": {
                "cpu_size": "Standard_DS3_v2",
                "max_nodes": 4,
                "endpoint": {"instance_type": "Standard_DS3_v2", "instance_count": 2},
            },
            "aks": {
                "node_size": "Standard_D4ds_v5",
                "node_count": 2,
                "max_node_count": 5,
                "system_node_size": "Standard_D4ds_v5",
                "system_node_count": 2,
            },
        },
        "prod": {
            "lake": {"replication": "GZRS"},
            "databricks": {
                "node_type": "Standard_D8ds_v5",
                "gpu_node_type": "Standard_NC8as_T4_v3",
                "max_workers": 16,
                "gpu_max_workers": 4,
                "autotermination_minutes": 60,
                "pool_max_capacity": 50,
                "gpu_pool_max_capacity": 4,
                "sql_warehouse": {"size": "Small", "auto_stop_minutes": 15, "max_clusters": 2},
                **_RUNTIMES,
            },
            "ml": {
                "cpu_size": "Standard_DS4_v2",
                "max_nodes": 8,
                "endpoint": {"instance_type": "Standard_DS4_v2", "instance_count": 3},
            },
            "aks": {
                "node_size": "Standard_D8ds_v5",
                "node_count": 3,
                "max_node_count": 10,
                "system_node_size": "Standard_D4ds_v5",
                "system_node_count": 3,
            },
        },
    }
)

_WITHOUT_ZONES = {"ZRS": "LRS", "GZRS": "GRS"}


def with_tier_defaults(document: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in what the tier decides and the document leaves out.

    A tier that is missing or unknown counts as `dev`, so that its own finding is the only one. In a region
    without availability zones the default replication is the nearest kind without zones.
    """
    tier = document.get("tier")
    defaults = TIER_DEFAULTS[tier if tier in TIERS else "dev"]
    filled = dict(document)
    for section, values in defaults.items():
        given = document.get(section, {})
        if isinstance(given, dict):
            filled[section] = _filled(_for_region(values, document.get("region")), given)
    return filled


def _filled(defaults: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in defaults, in nested sections as well, so that one key of them can be given alone."""
    nested = {
        key: _filled(value, given[key])
        for key, value in defaults.items()
        if isinstance(value, dict) and isinstance(given.get(key), dict)
    }
    return {**defaults, **given, **nested}


def _for_region(values: Mapping[str, Any], region: object) -> dict[str, Any]:
    adapted = dict(values)
    if isinstance(region, str) and REGIONS.get(region) is False and "replication" in adapted:
        adapted["replication"] = _WITHOUT_ZONES.get(adapted["replication"], adapted["replication"])
    return adapted
