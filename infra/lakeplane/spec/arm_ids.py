"""Names and ids of what exists already, a network or a log workspace, as a spec gives them."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from lakeplane.spec.refusals import finding

__all__ = ["LogWorkspaceId", "SubnetName", "VirtualNetworkId"]

_IN_A_GROUP = (
    r"/subscriptions/[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}/resourceGroups/[\w.()-]{1,90}"
    r"/providers/"
)
_NETWORK = re.compile(
    rf"{_IN_A_GROUP}Microsoft\.Network/virtualNetworks/[A-Za-z0-9][\w.-]{{0,62}}\w", re.IGNORECASE
)
_LOG_WORKSPACE = re.compile(
    rf"{_IN_A_GROUP}Microsoft\.OperationalInsights/workspaces/[A-Za-z0-9][A-Za-z0-9-]{{2,61}}[A-Za-z0-9]",
    re.IGNORECASE,
)
_SUBNET = re.compile(r"[A-Za-z0-9]([\w.-]{0,78}\w)?")


def _virtual_network_id(value: str) -> str:
    if not _NETWORK.fullmatch(value):
        raise finding(
            "SPC038",
            "not the ARM id of a virtual network",
            allowed="/subscriptions/…/resourceGroups/…/providers/Microsoft.Network/virtualNetworks/…",
            remedy="copy it from `az network vnet show --query id`",
        )
    return value


def _log_workspace_id(value: str) -> str:
    if not _LOG_WORKSPACE.fullmatch(value):
        raise finding(
            "SPC038",
            "not the ARM id of a log workspace",
            allowed="/subscriptions/…/resourceGroups/…/providers/Microsoft.OperationalInsights/workspaces/…",
            remedy="copy it from `az monitor log-analytics workspace show --query id`",
        )
    return value


def _subnet_name(value: str) -> str:
    if not _SUBNET.fullmatch(value):
        raise finding(
            "SPC016",
            "not a subnet's name",
            allowed="1 to 80 letters, digits, full stops, underscores and hyphens",
            remedy="give the bare name, not the id; the network is named beside it",
        )
    return value


VirtualNetworkId = Annotated[
    str,
    AfterValidator(_virtual_network_id),
    Field(json_schema_extra={"pattern": "^/subscriptions/.+/Microsoft.Network/virtualNetworks/[^/]+$"}),
]
LogWorkspaceId = Annotated[
    str,
    AfterValidator(_log_workspace_id),
    Field(
        json_schema_extra={"pattern": "^/subscriptions/.+/Microsoft.OperationalInsights/workspaces/[^/]+$"}
    ),
]
SubnetName = Annotated[str, AfterValidator(_subnet_name)]
