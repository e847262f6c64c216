"""Words that Azure, Unity Catalog or lakeplane itself keeps, so that no environment may have them as name.

Azure's list is that of "Resolve errors for reserved resource names" (learn.microsoft.com, Azure Resource
Manager, troubleshooting): some words may not be a whole name, two may not occur at all, one not come first.
"""

from __future__ import annotations

from lakeplane.spec.refusals import finding

__all__ = ["reason_reserved", "refuse_reserved"]

_WHOLE = frozenset(
    [
        *("access", "azure", "bing", "bizspark", "biztalk", "cortana", "directx", "dotnet", "dynamics"),
        *("excel", "exchange", "forefront", "groove", "hololens", "hyperv", "kinect", "lync", "msdn"),
        *("o365", "office", "office365", "onedrive", "onenote", "outlook", "powerpoint", "sharepoint"),
        *("skype", "visio", "visualstudio", "xbox"),
    ]
)
_ANYWHERE = ("microsoft", "windows")
_FIRST = ("login",)
_CATALOGS = frozenset({"system", "samples"})  # every Unity Catalog metastore has these
_OWN = frozenset({"hub"})  # the stack of regional singletons


def reason_reserved(name: str) -> str | None:
    """Say who keeps a name, or return None if it is free."""
    if name in _WHOLE or name.startswith(_FIRST) or any(word in name for word in _ANYWHERE):
        return "Azure refuses it in names of resources with an endpoint"
    if name in _CATALOGS:
        return "Unity Catalog has a catalog of that name in every metastore"
    if name in _OWN:
        return "the stack of regional singletons has that name"
    return None


def refuse_reserved(name: str) -> str:
    """Return a free name; raise the finding of a reserved one."""
    reason = reason_reserved(name)
    if reason:
        raise finding(
            "SPC020", f"reserved name: {reason}", allowed="any other word", remedy="choose another name"
        )
    return name
