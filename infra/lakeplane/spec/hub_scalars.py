"""What single values of a hub spec may look like."""

from __future__ import annotations

import re
from ipaddress import IPv4Network
from typing import Annotated

from pydantic import AfterValidator, Field

from lakeplane.spec.address_ranges import CidrRange
from lakeplane.spec.refusals import finding

__all__ = [
    "ArmId",
    "ConfigName",
    "DomainName",
    "FederatedSubject",
    "HubName",
    "HubRange",
    "MetastoreName",
    "PrivateLinkGroup",
    "ResourceGroupId",
]

_GUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_GROUP = rf"/subscriptions/{_GUID}/resource[gG]roups/[\w.()-]{{0,89}}[\w()-]"


def _form(pattern: str, summary: str, allowed: str, remedy: str) -> AfterValidator:
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise finding("SPC016", summary, allowed=allowed, remedy=remedy)
        return value

    return AfterValidator(check)


def _room_for_all(value: IPv4Network) -> IPv4Network:
    if value.prefixlen > 23:
        raise finding(
            "SPC033",
            "address space is too small for a hub",
            allowed="a prefix length of 16 to 23",
            remedy="take a /23: firewall, private endpoints, log-in and runner need five /26 subnets",
        )
    return value


HubRange = Annotated[CidrRange, AfterValidator(_room_for_all)]
HubName = Annotated[
    str,
    _form(
        r"[a-z][a-z0-9]{1,11}",
        "not a name for a hub",
        "2 to 12 lower-case letters and digits, a letter first",
        "choose a short name such as hub or hubweu; it becomes part of every resource's name",
    ),
    Field(json_schema_extra={"pattern": "^[a-z][a-z0-9]{1,11}$"}),
]
ResourceGroupId = Annotated[
    str,
    _form(
        _GROUP,
        "not the ARM id of a resource group",
        "/subscriptions/SUBSCRIPTION/resourceGroups/NAME",
        "copy it from `az group show --name NAME --query id`",
    ),
]
ArmId = Annotated[
    str,
    _form(
        rf"{_GROUP}/providers/[\w.]+(/[\w.-]+/[\w.()-]+)+",
        "not the ARM id of a resource",
        "/subscriptions/…/resourceGroups/…/providers/…",
        "copy it from `az resource show --ids … --query id`",
    ),
]
# Databricks CLI reference, "account network-connectivity": alphanumeric, - and _, 3 to 30 characters.
ConfigName = Annotated[
    str,
    _form(
        r"[A-Za-z0-9_-]{3,30}",
        "not a name for a network connectivity config",
        "3 to 30 letters, digits, - and _",
        "copy it from the account console, Cloud resources, Network",
    ),
]
MetastoreName = Annotated[
    str,
    _form(
        r"[^\s./\x00-\x1f\x7f]{1,255}",
        "not a name for a metastore",
        "1 to 255 characters without blanks, full stops and slashes",
        "choose a name such as westeurope",
    ),
]
PrivateLinkGroup = Annotated[
    str,
    _form(
        r"[A-Za-z][A-Za-z0-9_]{1,63}",
        "not a private-link group",
        "a group of the resource's type, such as blob, dfs, vault or sqlServer",
        "see `az network private-link-resource list --id RESOURCE`",
    ),
]
FederatedSubject = Annotated[
    str,
    _form(
        r"repo:[\w.-]+/[\w.-]+:(environment|ref|pull_request)[^\s]*|sc://[^/\s]+/[^/\s]+/[^/\s]+",
        "not the subject of a pipeline",
        "repo:OWNER/NAME:environment:NAME of GitHub, or sc://ORGANISATION/PROJECT/CONNECTION of Azure DevOps",
        "name the environment or branch that may deploy, never a whole repository",
    ),
]
# Azure Firewall's application rules take a wildcard as the first label only.
DomainName = Annotated[
    str,
    _form(
        r"(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
        "not a domain name",
        "a name such as packages.contoso.example or *.contoso.example, in lower case and without a scheme",
        "write the bare name; a wildcard stands for the first label only",
    ),
]
