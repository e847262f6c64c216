"""Cluster policies as plain documents, and what they make of a cluster; no workspace needed."""

from lakeplane.cluster_policies.documents import POLICY_KEYS, PolicyDocument, policy_documents
from lakeplane.cluster_policies.evaluator import ClusterType, Evaluation, evaluate
from lakeplane.cluster_policies.limits import check_definition
from lakeplane.cluster_policies.witness import witness

__all__ = [
    "POLICY_KEYS",
    "ClusterType",
    "Evaluation",
    "PolicyDocument",
    "check_definition",
    "evaluate",
    "policy_documents",
    "witness",
]
