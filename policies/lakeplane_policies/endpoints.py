"""Private endpoints: whether a stack gives a resource those that its clients come by."""

from __future__ import annotations

from collections.abc import Iterator

from lakeplane_policies.conditions import unknown
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import Violation
from lakeplane_policies.stack import Resource, Stack
from lakeplane_policies.tokens import PRIVATE_ENDPOINT

__all__ = ["answers_logins_alone", "lacks_endpoints", "served_groups"]

_ID = "privateLinkServiceConnections"


def lacks_endpoints(stack: Stack, target: Resource, *groups: str) -> Iterator[Violation]:
    """Find which private endpoints of a resource are missing.

    Args:
        stack: The stack that the resource stands in.
        target: The resource.
        groups: Private-link groups, such as `dfs`; each needs an endpoint of its own.
    """
    served, maybe = served_groups(stack, target)
    for group in groups:
        if group in served:
            continue
        if maybe:
            yield Violation((), unknown().found, undecidable=True, urn=target.urn)
        else:
            yield Violation(
                (), f"no private endpoint of the stack is for its group {group!r}", urn=target.urn
            )


def answers_logins_alone(stack: Stack, workspace: Resource) -> bool:
    """Tell whether a Databricks workspace does nothing but answer its region's private log-ins.

    Its public door is shut and no endpoint leads into it: nobody gets in to work, and no cluster of its own
    could reach it, so that none can start.
    """
    served, maybe = served_groups(stack, workspace)
    shut = read(workspace.inputs, "publicNetworkAccess") == "Disabled"
    return shut and not maybe and served == {"browser_authentication"}


def served_groups(stack: Stack, target: Resource) -> tuple[set[str], bool]:
    """Return the groups that have an endpoint, and whether one of an unknown resource may be for it."""
    served: set[str] = set()
    maybe = False
    for endpoint in stack.of(PRIVATE_ENDPOINT):
        connections = read(endpoint.inputs, _ID)
        if connections is State.UNKNOWN:
            maybe = True
        for connection in connections if isinstance(connections, list) else ():
            part = Resource(
                endpoint.urn,
                endpoint.type,
                {_ID: read(connection, "privateLinkServiceId")},
                property_dependencies=endpoint.property_dependencies,
            )
            about = stack.points(part, _ID, target)
            groups = read(connection, "groupIds")
            if about is State.UNKNOWN or groups is State.UNKNOWN:
                maybe = maybe or about is not False
            elif about and isinstance(groups, list):
                served.update(str(group) for group in groups)
    return served, maybe
