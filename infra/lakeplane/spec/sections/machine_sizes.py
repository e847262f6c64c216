"""Sizes of machines by what a service takes, and the hours of a time zone."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from lakeplane.spec.refusals import finding
from lakeplane.spec.scalars import VmSize
from lakeplane.spec.sizes import vm_sizes

__all__ = ["EndpointSize", "GpuSize", "MlCpuSize", "UtcOffset", "endpoint_sizes"]

# Azure Machine Learning documentation, "Managed online endpoints SKU list" (2023-10-18, as of 2025): quota
# families of lakeplane's table that stand there.
_ENDPOINT_FAMILIES = frozenset(
    {
        "Standard NCASv3_T4 Family",
        "StandardNCADSA100v4Family",
        "StandardNCadsH100v5Family",
        "StandardNVADSA10v5Family",
        "standardDSv2Family",
        "standardFSv2Family",
        "standardLASv3Family",
        "standardLSv3Family",
        "standardNCSv3Family",
        "Standard NDASv4_A100 Family",
        "standard NDAMSv4_A100Family",
        "standardNDSH100v5Family",
    }
)
_UTC_OFFSET = re.compile(r"[+-](0[0-9]|1[0-4]):[0-5][0-9]")


def endpoint_sizes() -> tuple[str, ...]:
    """Return the sizes that managed online endpoints take, in the order of their names."""
    return tuple(size for size, facts in vm_sizes().items() if facts.quota_family in _ENDPOINT_FAMILIES)


def _with_gpu(size: str) -> str:
    if not vm_sizes()[size].gpus:
        raise finding(
            "SPC023",
            "size has no GPU",
            allowed=", ".join(name for name, facts in vm_sizes().items() if facts.gpus),
            remedy="choose one of the sizes listed, or leave the key out",
        )
    return size


def _without_gpu(size: str) -> str:
    if vm_sizes()[size].gpus:
        raise finding(
            "SPC023",
            "a GPU size where none is used",
            allowed=", ".join(name for name, facts in vm_sizes().items() if not facts.gpus),
            remedy="give GPU sizes as ml.gpu_size",
        )
    return size


def _for_endpoints(size: str) -> str:
    if size not in endpoint_sizes():
        raise finding(
            "SPC023",
            "managed online endpoints don't take this size",
            allowed=", ".join(endpoint_sizes()),
            remedy="choose one of the sizes listed",
        )
    return size


def _utc_offset(value: str) -> str:
    if not _UTC_OFFSET.fullmatch(value):
        raise finding(
            "SPC016",
            "not an offset from UTC",
            allowed="a sign, hours and minutes such as +02:00",
            remedy="write the offset in quotes, such as '+02:00'",
        )
    return value


GpuSize = Annotated[VmSize, AfterValidator(_with_gpu)]
MlCpuSize = Annotated[VmSize, AfterValidator(_without_gpu)]
EndpointSize = Annotated[VmSize, AfterValidator(_for_endpoints)]
UtcOffset = Annotated[
    str,
    AfterValidator(_utc_offset),
    Field(json_schema_extra={"pattern": "^[+-](0[0-9]|1[0-4]):[0-5][0-9]$"}),
]
