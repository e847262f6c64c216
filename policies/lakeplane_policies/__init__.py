"""Rules about resources, judged the same way by the engine's policy pack and by the offline preview."""

from lakeplane_policies.catalogue import RULES, judge
from lakeplane_policies.rule import Rule

__all__ = ["RULES", "Rule", "judge"]
