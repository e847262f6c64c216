"""The bundled cluster policies, in the workspace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import pulumi
import pulumi_databricks as databricks

from lakeplane.cluster_policies import PolicyDocument
from lakeplane.components.group_permissions import AccessRights, permit

__all__ = ["ClusterPolicies", "ClusterPoliciesArgs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterPoliciesArgs:
    """What the policies need.

    Attributes:
        documents: The policies by key.
        rights: Who may make clusters under them; administrators alone if left out.
    """

    documents: Mapping[str, PolicyDocument]
    rights: AccessRights = field(default_factory=AccessRights)


class ClusterPolicies(pulumi.ComponentResource):
    """Cluster policies and who may use them.

    Attributes:
        policy_ids: Ids in the workspace by key.
    """

    databricks_provider: ClassVar[str] = "workspace"

    def __init__(
        self, name: str, args: ClusterPoliciesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("lakeplane:compute:ClusterPolicies", name, None, opts)
        self.policy_ids: dict[str, pulumi.Output[str]] = {}
        for key, document in args.documents.items():
            suffix = key.replace("_", "-")
            policy = databricks.ClusterPolicy(
                f"{name}-{suffix}",
                name=document.name,
                description=document.description,
                definition=document.to_json(),
                max_clusters_per_user=document.max_clusters_per_user,
                opts=pulumi.ResourceOptions(parent=self),
            )
            permit(f"{name}-{suffix}-permissions", args.rights, parent=self, cluster_policy_id=policy.id)
            self.policy_ids[key] = policy.id
        self.register_outputs({"policy_ids": self.policy_ids})
