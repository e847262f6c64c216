"""Every cluster stands under a policy.

Outside any policy a cluster has whatever size, runtime, access mode and hours its author thought of.

Anti-pattern:

    Cluster("adhoc", spark_version=runtime, node_type_id=size, num_workers=50)

Best practice:

    Cluster("adhoc", policy_id=policy.id, spark_version=runtime, node_type_id=size)

Documents: Microsoft Learn, "Create and manage compute policies".
"""

from collections.abc import Iterator
from dataclasses import replace

from lakeplane_policies.compute import clusters_in, policies_behind
from lakeplane_policies.conditions import NOT_SET, unknown
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.stack import Stack
from lakeplane_policies.tokens import CLUSTER, JOB


def _judge(stack: Stack, settings: Settings) -> Iterator[Violation]:
    del settings
    for one in stack.of(CLUSTER, JOB):
        for path, cluster in clusters_in(one.inputs):
            policy = read(cluster, "policyId")
            where = (*path, "policyId")
            if policy in (State.ABSENT, ""):
                yield Violation(where, NOT_SET, urn=one.urn)
            elif policy is State.UNKNOWN and not policies_behind(stack, one, str(where[0])):
                yield replace(unknown(*where), urn=one.urn)


RULE = Rule(
    code="DB023",
    title="every cluster stands under a policy",
    types=(CLUSTER, JOB),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge_stack=_judge,
    remedy="set policy_id to a cluster policy of the workspace",
    sources=("SAT GOV-1",),
)
