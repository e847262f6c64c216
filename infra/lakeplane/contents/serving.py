"""The contents' scoring service on AKS."""

from __future__ import annotations

from lakeplane.components.scoring_service import ScoringService, ScoringServiceArgs
from lakeplane.contents.base import Base
from lakeplane.contents.cluster import enter_cluster

__all__ = ["deploy_scoring"]


def deploy_scoring(base: Base) -> ScoringService:
    """Register the service's place in the cluster, and the service once there is an image."""
    plan, serving = base.plan, base.plan.spec.serving
    chosen = f"/{serving.model_version}" if serving.model_version else "@champion"
    return ScoringService(
        "scoring",
        ScoringServiceArgs(
            client_id=base.foundation.serving_client_id,
            model=f"{plan.catalog}.ml.{serving.model}{chosen}",
            databricks_host=base.workspace_host,
            image=serving.image,
            labels={
                "app.kubernetes.io/managed-by": "lakeplane",
                "app.kubernetes.io/part-of": plan.spec.name,
            },
        ),
        enter_cluster(plan, base.foundation),
    )
