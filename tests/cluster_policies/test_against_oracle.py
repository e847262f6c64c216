"""The evaluator against the oracle, on 20,000 random pairs of a policy and a cluster."""

import json
from collections import Counter
from typing import Any

import pytest
from oracle import judge, lines_of
from pairs import POOLS, pair

from lakeplane.cluster_policies import check_definition, evaluate, witness

PAIRS = 20_000
SHARE = PAIRS // 4
KINDS: Any = ("fixed", "forbidden", "allowlist", "blocklist", "regex", "range", "unlimited")


def dotted(path: tuple[str | int, ...]) -> str:
    return ".".join(map(str, path))


@pytest.mark.parametrize("start", range(0, PAIRS, SHARE))
def test_evaluator_agrees_with_the_oracle(start: int) -> None:
    """On what is accepted, on what the cluster becomes, and on every path that offends."""
    refused_by: Counter[str] = Counter()
    for seed in range(start, start + SHARE):
        definition, cluster, kind, defaults = pair(seed)
        before = json.dumps([definition, cluster])
        assert check_definition(definition) == ()
        ours = evaluate(definition, cluster, cluster_type=kind, apply_defaults=defaults, pools=POOLS)
        theirs = judge(definition, cluster, kind=kind, defaults=defaults, pools=POOLS)
        assert json.dumps([definition, cluster]) == before
        shown = f"seed {seed}, {kind}, defaults {defaults}: {before}"
        assert {dotted(one.path) for one in ours.findings} == theirs.offending, shown
        assert ours.accepted is theirs.accepted, shown
        assert lines_of(ours.cluster) == theirs.lines, shown
        offended = {definition.get(path, {}).get("type", "") for path in theirs.offending}
        refused_by.update(offended or ["accepted"])
    # Pairs that are all refused, or never by some type of limit, would prove little.
    assert SHARE / 5 < refused_by["accepted"] < SHARE / 2
    assert all(refused_by[kind] > SHARE / 100 for kind in KINDS), refused_by


def test_accepted_cluster_is_accepted_again_unchanged() -> None:
    accepted = 0
    for seed in range(2_000):
        definition, cluster, kind, defaults = pair(seed)
        first = evaluate(definition, cluster, cluster_type=kind, apply_defaults=defaults, pools=POOLS)
        if first.accepted:
            accepted += 1
            again = evaluate(definition, first.cluster, cluster_type=kind, apply_defaults=False, pools=POOLS)
            assert again.accepted, seed
            assert again.cluster == first.cluster, seed
    assert accepted > 400


def test_witness_is_accepted_by_the_oracle() -> None:
    found = 0
    for seed in range(2_000):
        definition = pair(seed)[0]
        cluster = witness(definition)
        if cluster is not None:
            found += 1
            kinds = ("job", "all-purpose", "dlt")
            answers = [judge(definition, cluster, kind=kind, defaults=True, pools={}) for kind in kinds]
            assert any(answer.accepted for answer in answers), seed
    assert found > 400
