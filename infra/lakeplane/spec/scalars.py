"""The domain's scalar types: what a region, a size, an address range or a name may look like."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from ipaddress import AddressValueError, IPv4Network, NetmaskValueError
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema

from lakeplane.spec.refusals import finding
from lakeplane.spec.regions import REGIONS
from lakeplane.spec.reserved import refuse_reserved
from lakeplane.spec.sizes import cluster_sizes, gpu_sizes, vm_sizes

__all__ = [
    "AllowedAddress",
    "AzureRegion",
    "CidrRange",
    "ClusterSize",
    "ContainerImage",
    "CpuRuntimeVersion",
    "EnvironmentName",
    "GpuClusterSize",
    "GpuRuntimeVersion",
    "GroupName",
    "Guid",
    "ModelName",
    "OrganisationName",
    "Replication",
    "TagText",
    "Tier",
    "VmSize",
    "WorkloadName",
    "each_once",
]

Tier = Literal["dev", "test", "prod"]
Replication = Literal["LRS", "ZRS", "GRS", "GZRS", "RAGRS", "RAGZRS"]

_Item = TypeVar("_Item", bound=Hashable)

_RFC_1918 = tuple(IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
_AKS_RESERVED = tuple(IPv4Network(text) for text in ("172.30.0.0/16", "172.31.0.0/16"))


def each_once(values: tuple[_Item, ...]) -> tuple[_Item, ...]:
    """Return the values; raise a finding if one is listed twice."""
    repeated = sorted({str(value) for index, value in enumerate(values) if value in values[:index]})
    if repeated:
        raise finding(
            "SPC018",
            f"listed twice: {', '.join(repeated)}",
            allowed="each value once",
            remedy="remove the repetition",
        )
    return values


def _matching(pattern: str, code: str, summary: str, allowed: str, remedy: str) -> AfterValidator:
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise finding(code, summary, allowed=allowed, remedy=remedy)
        return value

    return AfterValidator(check)


def _known(code: str, summary: str, known: Callable[[], tuple[str, ...]], remedy: str) -> AfterValidator:
    def check(value: str) -> str:
        if value not in known():
            raise finding(code, summary, allowed=", ".join(known()), remedy=remedy)
        return value

    return AfterValidator(check)


def _parse_range(value: Any) -> Any:
    if isinstance(value, IPv4Network) or not isinstance(value, str):
        return value
    if ":" in value:
        raise finding(
            "SPC030",
            "an IPv6 range cannot be used",
            allowed="an IPv4 range such as 10.20.0.0/20",
            remedy="give an IPv4 range; the network's services speak IPv4 only",
        )
    address, _, prefix = value.partition("/")
    try:
        # Only a prefix length will do: the library takes netmasks and single addresses as well.
        whole = IPv4Network(value, strict=False) if re.fullmatch(r"[0-9]{1,2}", prefix) else None
    except (AddressValueError, NetmaskValueError):
        whole = None
    if whole is None:
        raise finding(
            "SPC030",
            "not an address range",
            allowed="an IPv4 range in CIDR notation, such as 10.20.0.0/20",
            remedy="write the first address, a slash and the prefix length",
        )
    if str(whole.network_address) != address:
        raise finding(
            "SPC031",
            "address range has host bits set",
            allowed=f"{whole}, the range that holds {address}",
            remedy=f"write {whole}, or choose another prefix length",
        )
    return whole


def _private_space(value: IPv4Network) -> IPv4Network:
    if not any(value.subnet_of(block) for block in _RFC_1918):
        raise finding(
            "SPC032",
            "address space is not private",
            allowed=f"a range inside {', '.join(map(str, _RFC_1918))} (RFC 1918)",
            remedy="take a free private range of your organisation",
        )
    if not 16 <= value.prefixlen <= 24:
        raise finding(
            "SPC033",
            "address space has the wrong size",
            allowed="a prefix length of 16 to 24, which Databricks asks of its virtual network",
            remedy="take /20 unless clusters of several hundred nodes are planned",
        )
    for block in _AKS_RESERVED:
        if value.overlaps(block):
            raise finding(
                "SPC034",
                f"address space overlaps {block}, which AKS keeps for itself",
                allowed=f"a private range outside {' and '.join(map(str, _AKS_RESERVED))}",
                remedy="take another private range",
            )
    return value


def _allowed_address(value: IPv4Network) -> IPv4Network:
    if value.is_private and not _is_documentation(value):
        raise finding(
            "SPC035",
            "a private address never reaches a public door",
            allowed="public IPv4 ranges, as seen from the internet",
            remedy="give the public address of your network's exit, or use access mode private",
        )
    if value.prefixlen < 8:
        raise finding(
            "SPC035",
            "range opens the door to everybody",
            allowed="ranges of /8 or smaller",
            remedy="name the ranges of your own networks",
        )
    return value


def _is_documentation(value: IPv4Network) -> bool:
    blocks = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")  # RFC 5737: examples and simulations
    return any(value.subnet_of(IPv4Network(block)) for block in blocks)


def _bundled_workload(value: str, info: ValidationInfo) -> str:
    known = (info.context or {}).get("workloads")
    if known is not None and value not in known:
        raise finding(
            "SPC040",
            "no such workload",
            allowed=", ".join(sorted(known)) or "none is installed",
            remedy="name a bundled workload, or install the distribution that holds it",
        )
    return value


EnvironmentName = Annotated[
    str,
    _matching(
        r"[a-z][a-z0-9]{1,11}",
        "SPC016",
        "not a name for an environment",
        "2 to 12 lower-case letters and digits, a letter first",
        "choose a short name such as dev, test2 or sandbox; it becomes part of every resource's name",
    ),
    AfterValidator(refuse_reserved),
    Field(json_schema_extra={"pattern": "^[a-z][a-z0-9]{1,11}$"}),
]
OrganisationName = Annotated[
    str,
    _matching(
        r"[a-z][a-z0-9]{1,19}",
        "SPC016",
        "not a name for an organisation",
        "2 to 20 lower-case letters and digits, a letter first",
        "choose a short name such as contoso; it becomes part of every resource's name",
    ),
    AfterValidator(refuse_reserved),
    Field(json_schema_extra={"pattern": "^[a-z][a-z0-9]{1,19}$"}),
]
Guid = Annotated[
    str,
    _matching(
        r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
        "SPC016",
        "not a GUID",
        "32 hexadecimal digits in groups of 8-4-4-4-12",
        "copy the id from `az account show`",
    ),
    AfterValidator(str.lower),
    Field(json_schema_extra={"format": "uuid"}),
]
AzureRegion = Annotated[
    str,
    _known(
        "SPC021",
        "unknown region",
        lambda: tuple(REGIONS),
        "name a region that has Databricks, Azure Machine Learning and AKS",
    ),
    Field(json_schema_extra={"enum": list(REGIONS)}),
]
VmSize = Annotated[
    str,
    _known(
        "SPC022",
        "unknown virtual machine size",
        lambda: tuple(vm_sizes()),
        "choose a size of the table in lakeplane/spec/data/vm_sizes.csv",
    ),
]


def _cluster_size(value: str) -> str:
    facts = vm_sizes()[value]
    if facts.dbu_per_hour is None:
        raise finding(
            "SPC023",
            "size has no known DBU rate, so that no policy can limit its cost",
            allowed=", ".join(cluster_sizes()),
            remedy="choose one of the sizes listed",
        )
    if facts.gpus:
        raise finding(
            "SPC023",
            "a GPU size where none is used",
            allowed=", ".join(cluster_sizes()),
            remedy="give GPU sizes as databricks.gpu_node_type; CPU clusters would pay for idle GPUs",
        )
    return value


def _gpu_size(value: str) -> str:
    if value not in gpu_sizes():
        facts = vm_sizes()[value]
        raise finding(
            "SPC023",
            "size has no GPU" if not facts.gpus else "size has no known DBU rate for GPU clusters",
            allowed=", ".join(gpu_sizes()),
            remedy="choose one of the sizes listed",
        )
    return value


ClusterSize = Annotated[
    VmSize, AfterValidator(_cluster_size), Field(json_schema_extra={"enum": list(cluster_sizes())})
]
GpuClusterSize = Annotated[
    VmSize, AfterValidator(_gpu_size), Field(json_schema_extra={"enum": list(gpu_sizes())})
]
CidrRange = Annotated[
    IPv4Network,
    BeforeValidator(_parse_range),
    AfterValidator(_private_space),
    WithJsonSchema({"type": "string", "examples": ["10.20.0.0/20"]}),
]
AllowedAddress = Annotated[
    IPv4Network,
    BeforeValidator(_parse_range),
    AfterValidator(_allowed_address),
    WithJsonSchema({"type": "string", "examples": ["203.0.113.0/24"]}),
]
CpuRuntimeVersion = Annotated[
    str,
    _matching(
        r"[0-9]{2}\.([0-9]+\.)?x(-cpu-ml|-photon)?-scala2\.1[23]",
        "SPC025",
        "not a Databricks Runtime for CPU clusters",
        "a runtime's key such as 18.x-scala2.13 or 17.3.x-cpu-ml-scala2.13",
        "copy a key from `databricks clusters spark-versions`; a GPU runtime belongs in gpu_runtime",
    ),
]
GpuRuntimeVersion = Annotated[
    str,
    _matching(
        r"[0-9]{2}\.([0-9]+\.)?x-gpu-ml-scala2\.1[23]",
        "SPC025",
        "not a Databricks Runtime for GPU clusters",
        "a GPU machine-learning runtime's key such as 18.0.x-gpu-ml-scala2.13",
        "copy a key with -gpu-ml- from `databricks clusters spark-versions`",
    ),
]
ContainerImage = Annotated[
    str,
    _matching(
        r"[a-z0-9]+([._:/-]+[a-z0-9]+)*@sha256:[0-9a-f]{64}",
        "SPC024",
        "image is not named by its digest",
        "registry/name@sha256: and 64 hexadecimal digits",
        "pin the image by digest; a tag can be moved to another image",
    ),
]
TagText = Annotated[
    str,
    _matching(
        r"[^\x00-\x1f<>%&\\?/]{1,256}",
        "SPC016",
        "not usable as a tag",
        "1 to 256 characters without control characters and < > % & \\ ? /",
        "shorten it or leave those characters out",
    ),
]
GroupName = Annotated[
    str,
    _matching(
        r"\S(.{0,253}\S)?",
        "SPC016",
        "not a group's name",
        "1 to 255 characters without a blank at either end",
        "use the name that the Databricks account shows",
    ),
]
ModelName = Annotated[
    str,
    _matching(
        r"[a-z][a-z0-9_]{0,62}",
        "SPC016",
        "not a registered model's name",
        "lower-case letters, digits and underscores, a letter first; catalog and schema are added",
        "give the last part only, such as load_forecast",
    ),
]
WorkloadName = Annotated[str, AfterValidator(_bundled_workload)]
