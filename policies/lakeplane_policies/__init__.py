"""Rules about resources, judged the same way by the engine's policy pack and by the offline preview."""

from lakeplane_policies.catalogue import RULES, RULES_BY_CODE, page
from lakeplane_policies.judging import judge_all
from lakeplane_policies.rule import Rule
from lakeplane_policies.settings import RuleException, Settings

__all__ = ["RULES", "RULES_BY_CODE", "Rule", "RuleException", "Settings", "judge_all", "page"]
