"""Whether the jobs of an environment get at the packages that they install."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lakeplane.diagnostics import Diagnostic, Severity
from lakeplane.spec.jobs import installed_packages

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lakeplane.planning import EnvironmentPlan
    from lakeplane.spec.documents import Document
    from lakeplane.spec.jobs import Installed
    from lakeplane.spec.workloads import Workload

__all__ = ["check_package_sources"]


def check_package_sources(
    workload: Workload, document: Document, plan: EnvironmentPlan
) -> Iterator[Diagnostic]:
    """Warn of packages behind a firewall that lets out no index, or note that it may let out none.

    Which host is a package index is the company's matter: none is known here by name.

    Args:
        workload: The workload.
        document: Its manifest, for places.
        plan: The environment.
    """
    installed = [
        one
        for key, job in workload.jobs.items()
        for one in installed_packages(job, ("resources", "jobs", key))
    ]
    hub = plan.hub
    clusters = [one for one in installed if not one.serverless]
    serverless = [one for one in installed if one.serverless]
    if clusters and plan.egress == "firewall":
        if hub is not None:
            yield _finding(clusters, document, hub.allowed_fqdns, hub.name, "network.allowed_fqdns")
        else:
            yield _finding(clusters, document, None, "", "")
    if serverless and hub is not None and hub.network_policy_id is not None:
        key = "databricks.serverless_allowed_fqdns"
        yield _finding(serverless, document, hub.serverless_allowed_fqdns, hub.name, key)


def _finding(
    installed: Sequence[Installed], document: Document, hosts: Sequence[str] | None, hub: str, key: str
) -> Diagnostic:
    who = "serverless compute" if installed[0].serverless else "clusters"
    names = ", ".join(dict.fromkeys(one.name for one in installed))
    if hosts is None:
        told, remedy = "the firewall of the network that is brought along is not known", "let its owner"
    elif hosts:
        told, remedy = (
            f"{key} of {hub}.yaml lists {', '.join(hosts)}",
            "see that one of them is your index, or",
        )
    else:
        told, remedy = (
            f"{key} of {hub}.yaml lists no host, so that nothing is installed",
            "let the hub's owner",
        )
    owner = (
        f"list your package index's hosts in {key} of {hub}.yaml" if key else "let your index's hosts pass"
    )
    return Diagnostic(
        code="WKL027",
        summary=f"{who} install packages from an index that a firewall may keep them from"
        if hosts is None or hosts
        else f"{who} install packages, and the hub's firewall lets out no package index",
        severity=Severity.NOTE if hosts is None or hosts else Severity.WARNING,
        detail=f"found {names} (of a wheel, what it depends on and the runtime lacks); {told}",
        remedy=f"{remedy} {owner}, or those of a mirror that your clusters' pip is set to",
        path=installed[0].path,
        location=document.locate(installed[0].path),
    )
