"""The rules as a policy pack of the Pulumi engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)

from lakeplane.diagnostics import Diagnostic
from lakeplane_policies.catalogue import RULES, rules_about
from lakeplane_policies.engine_requests import install, once
from lakeplane_policies.engine_values import resource_of, with_links
from lakeplane_policies.judging import Judgement, judge_resource, judge_stack
from lakeplane_policies.notices import Tally, notices
from lakeplane_policies.rule import Level, Rule
from lakeplane_policies.settings import Settings
from lakeplane_policies.stack import Resource, Stack

__all__ = ["configuration", "policies", "serve"]

_SETTINGS = "settings"
_UNDECIDABLE = "undecidable"
_UNDECIDABLE_STACK = "undecidable-stack"
_WITHOUT_SETTINGS = "POL006"
# By code: what it says, and whether it stops an update.
_NOTICES: Mapping[str, tuple[str, EnforcementLevel]] = {
    "POL001": ("exceptions are to rules that exist", EnforcementLevel.MANDATORY),
    "POL002": ("exceptions are not over", EnforcementLevel.MANDATORY),
    "POL003": ("exceptions cover something", EnforcementLevel.ADVISORY),
    "POL004": ("how many findings exceptions cover", EnforcementLevel.ADVISORY),
    "POL005": ("how many findings nobody can decide before the update", EnforcementLevel.ADVISORY),
    _WITHOUT_SETTINGS: ("the pack knows the environment's tier", EnforcementLevel.ADVISORY),
}
_TEXT = {"type": "string"}
_SCHEMA = PolicyConfigSchema(
    properties={
        "tier": {"type": "string", "enum": ["dev", "test", "prod"]},
        "access_mode": {"type": "string", "enum": ["allow_list", "private"]},
        "exceptions": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["rule", "resource", "reason", "owner", "until"],
                "additionalProperties": False,
                "properties": {
                    "rule": _TEXT,
                    "resource": _TEXT,
                    "reason": _TEXT,
                    "owner": _TEXT,
                    "until": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
                },
            },
        },
    }
)


def configuration(settings: Settings, *, remediate: bool = False) -> dict[str, Any]:
    """Return the content of a file for `--policy-pack-config`.

    Args:
        settings: What the pack shall judge by.
        remediate: Let the engine put right what rules say is safe to; it only tells if left out.
    """
    prod = settings.tier == "prod"
    return {
        _SETTINGS: {"enforcementLevel": Level.ADVISORY.value, **settings.to_dict()},
        _UNDECIDABLE: (Level.MANDATORY if prod else Level.ADVISORY).value,
        _UNDECIDABLE_STACK: (Level.MANDATORY if prod else Level.ADVISORY).value,
        "POL002": (Level.MANDATORY if prod else Level.ADVISORY).value,
        **{
            rule.code: EnforcementLevel.REMEDIATE.value
            if remediate and rule.remediation and level is not Level.OFF
            else level.value
            for rule in RULES
            for level in [rule.tiers.of(settings.tier)]
        },
    }


def policies() -> list[Policy]:
    """Return one policy of the engine for each rule, and a few about the judgement as a whole."""
    pack = _Pack()
    return [
        ResourceValidationPolicy(
            name=_SETTINGS,
            description="what the pack judges by: tier, access mode and exceptions",
            validate=pack.see,
            enforcement_level=EnforcementLevel.ADVISORY,
            config_schema=_SCHEMA,
        ),
        *(pack.policy(rule) for rule in RULES),
        ResourceValidationPolicy(
            name=_UNDECIDABLE,
            description="mandatory rules can be decided before the update",
            validate=pack.report_undecidable,
            enforcement_level=EnforcementLevel.MANDATORY,
        ),
        StackValidationPolicy(
            name=_UNDECIDABLE_STACK,
            description="mandatory rules about the stack can be decided before the update",
            validate=pack.report_undecidable_of_stack,
            enforcement_level=EnforcementLevel.MANDATORY,
        ),
        *(
            StackValidationPolicy(
                name=code, description=text, validate=pack.notice(code), enforcement_level=level
            )
            for code, (text, level) in _NOTICES.items()
        ),
    ]


def serve() -> None:
    """Serve the pack to the engine that started this process; returns when the engine is done."""
    install()
    PolicyPack("lakeplane", policies())


class _Pack:
    """What the policies of one update share: settings, and the inputs of each resource.

    The engine judges stacks by the resources' outputs, which simulated and real providers fill in as they
    like; rules are about inputs, so those are kept from when each resource was judged by itself.
    """

    def __init__(self) -> None:
        self._settings: Settings | None = None
        self._seen: dict[str, Resource] = {}
        self._tally = Tally()

    @property
    def settings(self) -> Settings:
        return self._settings or Settings(today=datetime.now(UTC).date())

    def see(self, args: ResourceValidationArgs, report: ReportViolation) -> None:
        """Take over the settings, and remember the resource; runs before the rules do."""
        del report
        config = args.get_config()
        if config and self._settings is None:
            self._settings = Settings.from_dict(config, datetime.now(UTC).date())
        self._seen[args.urn] = resource_of(args)

    def policy(self, rule: Rule) -> Policy:
        """Return a rule as a policy, with the level that it has in prod."""
        level = EnforcementLevel(rule.tiers.prod.value)
        if rule.judge_stack is not None:
            return StackValidationPolicy(
                name=rule.code,
                description=rule.title,
                validate=self._stack_validator(rule),
                enforcement_level=level,
                severity=Severity(rule.impact.value),
                remediation_steps=rule.remedy,
            )
        return ResourceValidationPolicy(
            name=rule.code,
            description=rule.title,
            validate=self._validator(rule),
            remediate=_remediator(rule) if rule.remediation else None,
            enforcement_level=level,
            severity=Severity(rule.impact.value),
            remediation_steps=rule.remedy,
        )

    def report_undecidable(self, args: ResourceValidationArgs, report: ReportViolation) -> None:
        """Report of all rules what nobody can decide and would stop an update."""
        for one in self._judged(args.urn, rules_about(args.resource_type)):
            if _is_apart(one, self.settings):
                report(f"{one.rule.code} {_text(one)}", None)

    def report_undecidable_of_stack(self, args: StackValidationArgs, report: ReportViolation) -> None:
        """Report of all rules about stacks what nobody can decide and would stop an update."""
        for one in self._judged_stack(args, RULES):
            if _is_apart(one, self.settings):
                report(f"{one.rule.code} {_text(one)}", one.urn)

    def notice(self, code: str) -> Any:
        """Return what reports one kind of notice about the judgement as a whole."""

        def validate(args: StackValidationArgs, report: ReportViolation) -> None:
            del args
            for found in self._notices():
                if found.code == code:
                    at = f"{found.dotted_path}: " if found.path else ""
                    report(f"{at}{found.summary}; {found.detail}", None)

        return validate

    def _validator(self, rule: Rule) -> Any:
        def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
            if rule in rules_about(args.resource_type):
                for one in self._judged(args.urn, (rule,)):
                    if not _is_apart(one, self.settings):
                        report(_text(one), None)

        return validate

    def _stack_validator(self, rule: Rule) -> Any:
        def validate(args: StackValidationArgs, report: ReportViolation) -> None:
            for one in self._judged_stack(args, (rule,)):
                if not _is_apart(one, self.settings):
                    report(_text(one), one.urn)

        return validate

    def _judged(self, urn: str, rules: Iterable[Rule]) -> Iterator[Judgement]:
        if urn in self._seen:
            yield from self._not_excepted(judge_resource(self._seen[urn], self.settings, rules))

    def _judged_stack(self, args: StackValidationArgs, rules: Iterable[Rule]) -> Iterator[Judgement]:
        stack = once("stack", lambda: self._stack(args))
        yield from self._not_excepted(judge_stack(stack, self.settings, rules))

    def _stack(self, args: StackValidationArgs) -> Stack:
        stack = Stack(with_links(self._seen[one.urn], one) for one in args.resources if one.urn in self._seen)
        self._tally.see(stack)
        return stack

    def _not_excepted(self, judgements: Iterator[Judgement]) -> Iterator[Judgement]:
        for one in judgements:
            if not self._tally.excepts(one.rule.code, one.urn, one.violation, self.settings):
                yield one

    def _notices(self) -> Iterator[Diagnostic]:
        yield from notices(self._tally, self.settings)
        if self._settings is None:
            yield Diagnostic(
                code=_WITHOUT_SETTINGS,
                summary="no tier, access mode or exceptions are given: judged as prod, doors of either mode",
                detail="write them with `lakeplane policy config SPEC`, and pass the file as "
                "--policy-pack-config",
            )


def _is_apart(one: Judgement, settings: Settings) -> bool:
    """Tell whether a judgement is left to the policies about what is undecidable, with their own level."""
    return one.violation.undecidable and one.rule.tiers.of(settings.tier) is Level.MANDATORY


def _text(one: Judgement) -> str:
    path = Diagnostic("", "", path=one.violation.path).dotted_path
    return f"{path + ': ' if path else ''}{one.violation.found}; {one.rule.remedy}"


def _remediator(rule: Rule) -> Any:
    def remediate(args: ResourceValidationArgs) -> Mapping[str, Any] | None:
        if args.resource_type not in rule.types or rule.judge is None:
            return None
        if not list(rule.judge(resource_of(args).inputs, Settings())):
            return None
        properties: Any = args.props
        for path, value in rule.remediation.items():
            *around, last = path.split(".")
            holder = properties
            for name in around:
                if name not in holder:
                    holder[name] = {}
                holder = holder[name]
            holder[last] = value
        return args.props

    return remediate
