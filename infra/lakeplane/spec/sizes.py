"""Virtual machine sizes that lakeplane knows: cores, memory, GPUs and Databricks units an hour.

The figures stand in `data/vm_sizes.csv`, each with its source and date. A size that is not in the table is
refused rather than guessed at, because cluster policies limit DBUs an hour and have to know them.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["VmSizeFacts", "cluster_sizes", "gpu_sizes", "vm_sizes"]


@dataclass(frozen=True, slots=True)
class VmSizeFacts:
    """What is known of one Azure virtual machine size.

    Attributes:
        size: Azure's name, such as `Standard_D4ds_v5`.
        vcpus: Virtual cores.
        memory_gib: Memory in GiB.
        gpus: GPUs; a fraction where the size has a share of one.
        gpu_model: Model of the GPU; empty without one.
        temp_disk_gib: Local disk in GiB; None where no source says.
        quota_family: Name of the vCPU quota that the size counts against.
        dbu_per_hour: Databricks units an hour of one node; None where no source lists the size, so that it
            cannot be used for clusters.
    """

    size: str
    vcpus: int
    memory_gib: int
    gpus: Fraction
    gpu_model: str
    temp_disk_gib: int | None
    quota_family: str
    dbu_per_hour: float | None


@cache
def vm_sizes() -> Mapping[str, VmSizeFacts]:
    """Return the table, by size."""
    text = (files("lakeplane.spec") / "data" / "vm_sizes.csv").read_text(encoding="utf-8")
    facts = (
        VmSizeFacts(
            size=row["size"],
            vcpus=int(row["vcpus"]),
            memory_gib=int(row["memory_gib"]),
            gpus=Fraction(row["gpus"]),
            gpu_model=row["gpu_model"],
            temp_disk_gib=int(row["temp_disk_gib"]) if row["temp_disk_gib"] else None,
            quota_family=row["quota_family"],
            dbu_per_hour=float(row["dbu_per_hour"]) if row["dbu_per_hour"] else None,
        )
        for row in csv.DictReader(text.splitlines())
    )
    return MappingProxyType({fact.size: fact for fact in facts})


@cache
def cluster_sizes() -> tuple[str, ...]:
    """Return the sizes without a GPU that Databricks clusters can use, smallest first."""
    return _for_clusters(gpu=False)


@cache
def gpu_sizes() -> tuple[str, ...]:
    """Return the sizes with a GPU that Databricks clusters can use, smallest first."""
    return _for_clusters(gpu=True)


def _for_clusters(*, gpu: bool) -> tuple[str, ...]:
    known = [fact for fact in vm_sizes().values() if fact.dbu_per_hour is not None and bool(fact.gpus) is gpu]
    return tuple(fact.size for fact in sorted(known, key=lambda fact: (fact.vcpus, fact.size)))
