"""What an environment does without until its spec says more: notes, for a spec that is right as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lakeplane.diagnostics import Diagnostic, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lakeplane.spec.models import EnvironmentSpec

__all__ = ["awaited"]


def awaited(spec: EnvironmentSpec) -> Iterator[Diagnostic]:
    """Find what is left out of an environment because the spec does not name it yet."""
    network = spec.network
    if spec.access.mode == "private" and network.hub is None and network.bring_your_own is None:
        yield Diagnostic(
            code="ACC010",
            summary="nobody outside the network reaches the environment, not even who deploys it",
            severity=Severity.WARNING,
            detail="access mode is private, and the network stands alone: contents are deployed from a "
            "machine inside the network only, and nothing here makes one",
            remedy="set network.hub to a hub with a runner, bring a network that your runners reach, or use "
            "access mode allow_list",
            path=("access", "mode"),
        )
    if spec.serving.image is None:
        yield Diagnostic(
            code="SRV010",
            summary="the scoring service awaits its image",
            severity=Severity.NOTE,
            detail="its namespace, network policies, account, service and disruption budget are made; "
            "Deployment and autoscaler are not",
            remedy="set serving.image to an image by its digest once one is in the environment's registry",
            path=("serving", "image"),
        )
    if spec.ml.endpoint.versions and not spec.ml.allowed_hosts:
        yield Diagnostic(
            code="SRV011",
            summary="images of the endpoint's models await a package index",
            severity=Severity.WARNING,
            detail="they are built in the workspace's managed network, which reaches no host on the internet",
            remedy="list your package index's hosts in ml.allowed_hosts; Azure documents the "
            "public ones under 'Recommended outbound'",
            path=("ml", "allowed_hosts"),
        )
    if spec.workloads and spec.databricks.account is None:
        yield Diagnostic(
            code="DBX010",
            summary="jobs run as whoever deploys them",
            severity=Severity.NOTE if spec.tier != "prod" else Severity.WARNING,
            detail="the right to run jobs as a service principal is kept in the Databricks account, and the "
            "spec names none",
            remedy="set databricks.account to the id that the account console shows under the user's name",
            path=("databricks", "account"),
        )
