"""The domain's scalar types: what a region, a size, an address range or a name may look like."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, Field, ValidationInfo

from lakeplane.roles import BUILT_IN_ROLES, is_role, role_guid
from lakeplane.spec.refusals import finding
from lakeplane.spec.regions import REGIONS
from lakeplane.spec.reserved import refuse_reserved
from lakeplane.spec.sizes import cluster_sizes, gpu_sizes, vm_sizes

__all__ = [
    "AzureRegion",
    "ClusterSize",
    "ContainerImage",
    "CpuRuntimeVersion",
    "EmailAddress",
    "EnvironmentName",
    "GitUrl",
    "GpuClusterSize",
    "GpuRuntimeVersion",
    "GroupName",
    "Guid",
    "ModelName",
    "OrganisationName",
    "Replication",
    "RoleName",
    "RuleCode",
    "SettingName",
    "TagText",
    "Tier",
    "VmSize",
    "WorkloadName",
    "each_once",
]

Tier = Literal["dev", "test", "prod"]
Replication = Literal["LRS", "ZRS", "GRS", "GZRS", "RAGRS", "RAGZRS"]

_Item = TypeVar("_Item", bound=Hashable)


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


def _role(value: str) -> str:
    if not is_role(value):
        raise finding(
            "SPC042",
            "unknown role",
            allowed=f"{', '.join(BUILT_IN_ROLES)}; or the GUID of a role's definition",
            remedy="give the GUID: `az role definition list --name NAME --query [].name`",
        )
    # One role has one spelling from here on, so that it is not given twice.
    names = {guid: name for name, guid in BUILT_IN_ROLES.items()}
    guid = role_guid(value)
    return names.get(guid, guid)


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
EmailAddress = Annotated[
    str,
    _matching(
        r"[^@\s,;<>\"]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+",
        "SPC016",
        "not an e-mail address",
        "one address such as team@contoso.example",
        "write the bare address, one an entry",
    ),
    Field(json_schema_extra={"format": "email"}),
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
RuleCode = Annotated[
    str,
    _matching(
        r"[A-Z]{2}[0-9]{3}",
        "SPC016",
        "not a rule's code",
        "two capital letters and three digits, such as KV003",
        "copy a code from `lakeplane policy rules`",
    ),
]
RoleName = Annotated[str, AfterValidator(_role)]
SettingName = Annotated[
    str,
    _matching(
        r"(?!audit$)[a-z][a-z0-9-]{1,31}",
        "SPC016",
        "not a name for a diagnostic setting",
        "2 to 32 lower-case letters, digits and hyphens, a letter first; not audit, which is the first one's",
        "choose a short name such as siem",
    ),
    Field(json_schema_extra={"pattern": "^[a-z][a-z0-9-]{1,31}$"}),
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
GitUrl = Annotated[
    str,
    _matching(
        r"https://[A-Za-z0-9.-]+(/[A-Za-z0-9._~/-]*)?",
        "SPC016",
        "not the address of Git repositories",
        "the beginning of an https address, such as https://github.com/contoso",
        "give the address without user, port or query",
    ),
]
WorkloadName = Annotated[str, AfterValidator(_bundled_workload)]
