"""The evaluator against a second, tiny reading of the reference, on thousands of policies and clusters.

The oracle knows flat paths only and answers yes or no; it shares no code with the evaluator.
"""

import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lakeplane.cluster_policies import evaluate, witness

DBUS = {
    "Standard_D4ds_v5": 1.0,
    "Standard_D8ds_v5": 2.0,
    "Standard_NC4as_T4_v3": 1.0,
    "Standard_NC8as_T4_v3": 1.5,
}
TEXTS = st.sampled_from(["a", "b", "ab", "SINGLE_USER", *DBUS])
NUMBERS = st.integers(0, 12)
PATHS = {
    "node_type_id": st.sampled_from(list(DBUS)),
    "driver_node_type_id": st.sampled_from(list(DBUS)),
    "num_workers": NUMBERS,
    "autotermination_minutes": NUMBERS,
    "data_security_mode": TEXTS,
    "spark_conf.spark.master": TEXTS,
    "custom_tags.team": TEXTS,
    "azure_attributes.availability": TEXTS,
}


@st.composite
def limits(draw: st.DrawFn, values: st.SearchStrategy[Any]) -> dict[str, Any]:
    kind = draw(
        st.sampled_from(["fixed", "forbidden", "allowlist", "blocklist", "regex", "range", "unlimited"])
    )
    rule: dict[str, Any] = {"type": kind}
    if kind == "fixed":
        rule["value"] = draw(values)
    elif kind in ("allowlist", "blocklist"):
        rule["values"] = draw(st.lists(values, min_size=1, max_size=3))
    elif kind == "regex":
        rule["pattern"] = draw(
            st.sampled_from(["a", "a.*", "Standard_D.*", "[0-9]", "[0-9]+", ".*_T4_v3", "x"])
        )
    elif kind == "range":
        bounds = sorted(draw(st.lists(NUMBERS, min_size=2, max_size=2)))
        rule |= {
            name: bound
            for name, bound in zip(("minValue", "maxValue"), bounds, strict=True)
            if draw(st.booleans())
        }
    if kind not in ("fixed", "forbidden"):
        if draw(st.booleans()):
            rule["isOptional"] = draw(st.booleans())
        default = draw(st.none() | values)
        if default is not None and lets_through(rule, default):
            rule["defaultValue"] = default
    if draw(st.booleans()):
        rule["hidden"] = True
    return rule


@st.composite
def definitions(draw: st.DrawFn) -> dict[str, Any]:
    paths = draw(st.lists(st.sampled_from(list(PATHS)), unique=True, max_size=6))
    definition = {path: draw(limits(PATHS[path])) for path in paths}
    if draw(st.booleans()):
        definition["dbus_per_hour"] = {"type": "range", "maxValue": draw(st.integers(1, 20))}
    if draw(st.booleans()):
        definition["cluster_type"] = {"type": "fixed", "value": draw(st.sampled_from(["job", "all-purpose"]))}
    return definition


CLUSTERS = st.fixed_dictionaries({}, optional=PATHS)


def lets_through(rule: dict[str, Any], value: Any) -> bool:
    match rule["type"]:
        case "fixed":
            return bool(value == rule["value"])
        case "forbidden":
            return False
        case "allowlist":
            return value in rule["values"]
        case "blocklist":
            return value not in rule["values"]
        case "regex":
            return re.match(f"(?:{rule['pattern']})\\Z", str(value)) is not None
        case "range":
            return isinstance(value, int | float) and rule.get("minValue", -1e9) <= value <= rule.get(
                "maxValue", 1e9
            )
    return True


def oracle(
    definition: dict[str, Any], flat: dict[str, Any], kind: str, defaults: bool
) -> tuple[bool, dict[str, Any]]:
    filled = dict(flat)
    for path, rule in definition.items():
        if path in PATHS and path not in filled:
            if rule["type"] == "fixed":
                filled[path] = rule["value"]
            elif defaults and "defaultValue" in rule:
                filled[path] = rule["defaultValue"]
    worker = DBUS.get(filled.get("node_type_id", ""))
    driver = DBUS.get(filled.get("driver_node_type_id", ""), worker)
    for path, rule in definition.items():
        if path == "cluster_type":
            value = kind
        elif path == "dbus_per_hour":
            if worker is None or driver is None:
                return False, filled
            value = driver + filled.get("num_workers", 0) * worker
        elif path in filled:
            value = filled[path]
        else:
            if rule["type"] not in ("fixed", "forbidden") and not rule.get("isOptional"):
                return False, filled
            continue
        if not lets_through(rule, value):
            return False, filled
    return True, filled


def nested(flat: dict[str, Any]) -> dict[str, Any]:
    cluster: dict[str, Any] = {}
    for path, value in flat.items():
        first, _, rest = path.partition(".")
        if rest:
            cluster.setdefault(first, {})[rest] = value
        else:
            cluster[first] = value
    return cluster


@settings(max_examples=300, deadline=None)
@given(
    definition=definitions(),
    flat=CLUSTERS,
    kind=st.sampled_from(["job", "all-purpose"]),
    defaults=st.booleans(),
)
def test_evaluator_agrees_with_the_oracle(
    definition: dict[str, Any], flat: dict[str, Any], kind: Any, defaults: bool
) -> None:
    result = evaluate(definition, nested(flat), cluster_type=kind, apply_defaults=defaults)
    accepted, filled = oracle(definition, flat, kind, defaults)
    assert result.accepted is accepted
    assert result.cluster == nested(filled)
    assert bool(result.findings) is not accepted


@settings(max_examples=100, deadline=None)
@given(
    definition=definitions(),
    flat=CLUSTERS,
    kind=st.sampled_from(["job", "all-purpose"]),
    defaults=st.booleans(),
)
def test_accepted_cluster_is_accepted_again_unchanged(
    definition: Any, flat: Any, kind: Any, defaults: bool
) -> None:
    first = evaluate(definition, nested(flat), cluster_type=kind, apply_defaults=defaults)
    if first.accepted:
        again = evaluate(definition, first.cluster, cluster_type=kind, apply_defaults=False)
        assert again.accepted
        assert again.cluster == first.cluster


@settings(max_examples=100, deadline=None)
@given(definition=definitions())
def test_witness_is_accepted_by_the_oracle(definition: dict[str, Any]) -> None:
    cluster = witness(definition)
    if cluster is not None:
        flat = {path: value for path in PATHS if (value := at(cluster, path)) is not None}
        kinds = ["job", "all-purpose"]
        assert any(oracle(definition, flat, kind, defaults=True)[0] for kind in kinds)


def at(cluster: dict[str, Any], path: str) -> Any:
    first, _, rest = path.partition(".")
    value = cluster.get(first)
    return value.get(rest) if rest and isinstance(value, dict) else value
