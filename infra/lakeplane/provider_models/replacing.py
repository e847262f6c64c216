"""How providers replace: their own configuration, the order of deletion, and what goes with a host.

What changes of a resource replace it stands in `lakeplane.provider_models.create_only`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["HOSTS", "config_must_replace", "deletes_before_replacing"]

_PREFIX = "pulumi:providers:"

# The engine replaces every resource of a replaced provider. Sources: pulumi/pulumi-azure-native,
# provider/pkg/provider/provider.go, whose DiffConfig replaces never; pulumi/pulumi-terraform-bridge, which
# replaces for keys that a provider marks with ForcesProviderReplace, and pulumi-databricks marks none.
_NEVER = frozenset({f"{_PREFIX}azure-native", f"{_PREFIX}databricks"})
# pulumi/pulumi-kubernetes, provider/pkg/provider/provider.go, DiffConfig: a kubeconfig that is unknown or
# names another cluster replaces, unless `clusterIdentifier` is set and stays.
_KUBERNETES = f"{_PREFIX}kubernetes"
_IDENTIFIER = "clusterIdentifier"
_CLUSTER = frozenset({"cluster", "context", "kubeconfig"})

HOSTS: Mapping[str, str] = {
    "databricks": "azure-native:databricks:Workspace",
    "kubernetes": "azure-native:containerservice:ManagedCluster",
}
"""Type of the resource that holds all objects of a package: they are gone when it is replaced."""


def config_must_replace(
    token: str, path: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> bool | None:
    """Tell whether a change of a provider's configuration replaces the provider.

    Args:
        token: The provider's type, such as `pulumi:providers:kubernetes`.
        path: Property path of the change.
        before: Its inputs as they were.
        after: Its inputs as they become.

    Returns:
        True or False if a source says so, None if nobody knows.
    """
    if token in _NEVER:
        return False
    if token != _KUBERNETES:
        return None
    if path == _IDENTIFIER:
        return True
    if path in _CLUSTER:
        identifier = after.get(_IDENTIFIER)
        return not (isinstance(identifier, str) and identifier == before.get(_IDENTIFIER))
    return None


def deletes_before_replacing(token: str) -> bool:
    """Tell whether a provider deletes a resource before it makes the replacement, if nobody says otherwise.

    Sources: pulumi/pulumi-azure-native, provider/pkg/provider/provider.go, Diff: yes, but for names that it
    chose by chance; pulumi/pulumi-kubernetes, provider/pkg/provider/provider.go, Diff: yes for an object
    whose name the program gives. Names of ours are always given.
    """
    return token.startswith(("azure-native:", "kubernetes:"))
