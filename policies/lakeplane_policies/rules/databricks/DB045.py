"""Pools can't grow without end.

A pool without a capacity takes all cores of the subscription's quota when somebody asks for them.

Anti-pattern:

    InstancePool("pool", min_idle_instances=0)

Best practice:

    InstancePool("pool", min_idle_instances=0, max_capacity=10)

Documents: Microsoft Learn, "Pool configuration reference".
"""

from lakeplane_policies.conditions import must
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import INSTANCE_POOL

RULE = Rule(
    code="DB045",
    title="pools can't grow without end",
    types=(INSTANCE_POOL,),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must("maxCapacity", lambda capacity: 1 <= capacity <= 1000, "1 to 1000"),
    remedy="set max_capacity",
    sources=("SAT GOV-1",),
)
