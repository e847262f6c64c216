"""Tags that every resource of an environment carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lakeplane.spec import EnvironmentSpec

__all__ = ["plan_tags"]


def plan_tags(spec: EnvironmentSpec) -> dict[str, str]:
    """Return the tags of an environment's resources; cluster policies impose them on clusters too.

    Keys use what Azure, Databricks and Kubernetes labels all allow.
    """
    expiry = {"expiry": spec.expiry.isoformat()} if spec.expiry else {}
    return {
        "application": "lakeplane",
        "cost-centre": spec.cost_centre,
        "environment": spec.name,
        **expiry,
        "organisation": spec.organisation,
        "owner": spec.owner,
        "tier": spec.tier,
    }
