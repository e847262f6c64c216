"""The rules as a policy pack of the Pulumi engine."""

from __future__ import annotations

from collections.abc import Callable

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)

from lakeplane_policies.catalogue import RULES
from lakeplane_policies.rule import Rule

__all__ = ["policies", "serve"]


def policies() -> list[Policy]:
    """Return one policy of the engine for each rule."""
    return [
        ResourceValidationPolicy(
            name=rule.code,
            description=rule.title,
            validate=_validator(rule),
            enforcement_level=EnforcementLevel.MANDATORY,
            remediation_steps=rule.remedy,
        )
        for rule in RULES
    ]


def serve() -> None:
    """Serve the pack to the engine that started this process; returns when the engine is done."""
    PolicyPack("lakeplane", policies())


def _validator(rule: Rule) -> Callable[[ResourceValidationArgs, ReportViolation], None]:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        if args.resource_type not in rule.types:
            return
        for violation in rule.judge(args.props):
            report(f"{violation.path}: {violation.found}; {rule.remedy}", None)

    return validate
