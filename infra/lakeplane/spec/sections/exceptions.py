"""Rules that an environment need not keep, for a reason and for a time."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field, Strict

from lakeplane.spec.scalars import RuleCode, TagText
from lakeplane.spec.sections.base import SpecModel

__all__ = ["Exceptions", "RuleExceptionSpec"]


class RuleExceptionSpec(SpecModel):
    """A rule that need not hold for a resource, for a reason and for a time.

    Attributes:
        rule: Code of the rule, such as `KV003`; `lakeplane policy rules` lists them.
        resource: Name of the resource in the program, its URN, or a pattern of either with `*` and `?`.
        reason: Why it is right here; people who read the finding's count read this.
        owner: Who answers for it.
        until: Last day on which it holds; a day later it is a finding itself.
    """

    rule: RuleCode
    resource: Annotated[str, Field(min_length=1, max_length=500)]
    reason: Annotated[str, Field(min_length=10, max_length=500)]
    owner: TagText
    until: Annotated[date, Strict(strict=False)]


Exceptions = Annotated[tuple[RuleExceptionSpec, ...], Strict(strict=False), Field(max_length=100)]
"""Exceptions of an environment or a hub."""
