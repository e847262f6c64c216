"""The data-quality rules of silver, as data: what a reason code means and which rows break the rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import Column
from pyspark.sql import functions as sf

__all__ = ["LINE_RULES", "REASONS", "Rule", "broken_rules"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A named expectation on one row.

    Attributes:
        reason: Code under which rows that break it are kept in quarantine.
        meaning: The rule in a sentence, for people.
        broken: SQL condition that is true for rows that break it; null counts as broken.
    """

    reason: str
    meaning: str
    broken: str


# Columns these conditions may use are named in `readings.parsed`.
LINE_RULES: tuple[Rule, ...] = (
    Rule("wrong_columns", "a line has as many values as its header has columns", "size(parts) != columns"),
    Rule(
        "broken_number",
        "every value is a finite decimal number",
        # NaN sorts above every number and fails the comparison, as the infinities do.
        "NOT forall(values, v -> v BETWEEN -1e12D AND 1e12D)",
    ),
    Rule(
        "wrong_date",
        "a stamp is a quarter-hour that exists in local time, on the day that the file's name says",
        "local_time IS NULL OR from_utc_timestamp(first_utc, zone) != local_time "
        "OR to_date(local_time) != file_day OR minute(local_time) % 15 != 0",
    ),
)

REPEATED_FILE = Rule(
    "repeated_file", "a file's content is delivered once", "source_file != first_source_file"
)
REPEATED_ROW = Rule(
    "repeated_row", "a file has one line for a quarter-hour; the first one counts", "appearance > 1"
)

REASONS: tuple[str, ...] = tuple(rule.reason for rule in (*LINE_RULES, REPEATED_ROW, REPEATED_FILE))


def broken_rules(rules: Sequence[Rule]) -> Column:
    """Return the array of reasons for which a row breaks some rules; empty for a good row."""
    return sf.array_compact(
        sf.array(
            *(sf.when(sf.coalesce(sf.expr(rule.broken), sf.lit(True)), sf.lit(rule.reason)) for rule in rules)
        )
    )
