"""The evaluator, limit by limit: what is refused and why, and which values are filled in."""

from typing import Any

import pytest

from lakeplane.cluster_policies import evaluate

SIZE = {"node_type_id": "Standard_D4ds_v5", "num_workers": 2}


def answer(definition: dict[str, Any], cluster: dict[str, Any], **options: Any) -> Any:
    return evaluate(definition, cluster, **{"cluster_type": "job", "apply_defaults": False, **options})


@pytest.mark.parametrize(
    ("limit", "accepted", "refused"),
    [
        ({"type": "fixed", "value": "a"}, ["a"], ["b", "A", "", 1]),
        ({"type": "fixed", "value": 0}, [0, 0.0, "0"], [1, "", True]),
        ({"type": "fixed", "value": True}, [True, "true"], [False, 1, "yes"]),
        ({"type": "forbidden"}, [], ["a", 0, False, [], {}]),
        ({"type": "allowlist", "values": ["a", 2]}, ["a", 2, "2"], ["b", 3, True]),
        ({"type": "blocklist", "values": ["a", 2]}, ["b", 3], ["a", 2, 2.0]),
        ({"type": "regex", "pattern": "a|ab+"}, ["a", "abb"], ["xa", "ax", "", "ab\n"]),
        ({"type": "regex", "pattern": "^[0-9]+$"}, ["12", 12], ["1x", 1.5]),
        (
            {"type": "range", "minValue": 1, "maxValue": 3},
            [1, 2.5, 3, "2"],
            [0, 3.01, "x", True, None.__class__],
        ),
        ({"type": "range", "minValue": 1}, [1, 10**9], [0, -1]),
        ({"type": "range", "maxValue": 3}, [3, -10], [4]),
        ({"type": "range"}, [0, -1.5], ["x", [1]]),
        ({"type": "unlimited"}, ["a", 0, False], []),
    ],
    ids=lambda value: value.get("type") if isinstance(value, dict) else None,
)
def test_limit_on_a_value(limit: dict[str, Any], accepted: list[Any], refused: list[Any]) -> None:
    for value in accepted:
        assert answer({"x": limit}, {"x": value}).accepted, value
    for value in refused:
        result = answer({"x": limit}, {"x": value})
        assert not result.accepted, value
        assert [one.dotted_path for one in result.findings] == ["x"]


@pytest.mark.parametrize("kind", ["allowlist", "blocklist", "regex", "range", "unlimited"])
def test_limiting_types_make_an_attribute_required(kind: str) -> None:
    limit = {
        "type": kind,
        **{"allowlist": {"values": ["a"]}, "blocklist": {"values": ["b"]}, "regex": {"pattern": "a"}}.get(
            kind, {}
        ),
    }
    assert [one.code for one in answer({"x": limit}, {}).findings] == ["CLP012"]
    assert [one.code for one in answer({"x": limit}, {"x": None}).findings] == ["CLP012"]
    assert answer({"x": {**limit, "isOptional": True}}, {}).accepted


def test_forbidden_lets_an_absent_attribute_through() -> None:
    assert answer({"x": {"type": "forbidden"}}, {}).accepted
    assert [one.code for one in answer({"x": {"type": "forbidden"}}, {"x": 1}).findings] == ["CLP011"]


def test_fixed_values_are_filled_in_always() -> None:
    definition = {
        "custom_tags.cost-centre": {"type": "fixed", "value": "4711"},
        "spark_conf.spark.databricks.cluster.profile": {"type": "fixed", "value": "singleNode"},
        "azure_attributes.availability": {"type": "fixed", "value": "ON_DEMAND_AZURE", "hidden": True},
        "init_scripts.0.volumes.destination": {"type": "fixed", "value": "/Volumes/a/b/c/init.sh"},
    }
    result = answer(definition, {"custom_tags": {"mine": "yes"}})
    assert result.accepted
    assert result.cluster == {
        "custom_tags": {"mine": "yes", "cost-centre": "4711"},
        "spark_conf": {"spark.databricks.cluster.profile": "singleNode"},
        "azure_attributes": {"availability": "ON_DEMAND_AZURE"},
        "init_scripts": [{"volumes": {"destination": "/Volumes/a/b/c/init.sh"}}],
    }


def test_defaults_are_filled_in_only_when_asked_for() -> None:
    definition = {"spark_version": {"type": "unlimited", "defaultValue": "18.x-scala2.13"}}
    assert not answer(definition, {}).accepted
    assert answer(definition, {}, apply_defaults=True).cluster == {"spark_version": "18.x-scala2.13"}
    given = answer(definition, {"spark_version": "17.3.x-scala2.13"}, apply_defaults=True)
    assert given.cluster == {"spark_version": "17.3.x-scala2.13"}


def test_cluster_that_was_given_is_not_changed() -> None:
    cluster: dict[str, Any] = {"custom_tags": {"a": "1"}, "init_scripts": []}
    answer({"custom_tags.b": {"type": "fixed", "value": "2"}}, cluster)
    assert cluster == {"custom_tags": {"a": "1"}, "init_scripts": []}


def test_limit_on_all_elements_of_a_list() -> None:
    definition = {"init_scripts.*.dbfs.destination": {"type": "forbidden"}}
    cluster = {
        "init_scripts": [{"volumes": {"destination": "/Volumes/x"}}, {"dbfs": {"destination": "dbfs:/x"}}]
    }
    result = answer(definition, cluster)
    assert [one.dotted_path for one in result.findings] == ["init_scripts[1].dbfs.destination"]
    assert answer(definition, {"init_scripts": []}).accepted
    assert answer(definition, {}).accepted


def test_limit_on_one_element_goes_before_the_one_on_all() -> None:
    definition = {
        "init_scripts.0.volumes.destination": {"type": "fixed", "value": "/Volumes/ours.sh"},
        "init_scripts.*.volumes.destination": {"type": "forbidden"},
    }
    assert answer(definition, {}).cluster == {
        "init_scripts": [{"volumes": {"destination": "/Volumes/ours.sh"}}]
    }
    ours = {"volumes": {"destination": "/Volumes/ours.sh"}}
    theirs = {"volumes": {"destination": "/Volumes/theirs.sh"}}
    assert answer(definition, {"init_scripts": [ours]}).accepted
    assert [one.path for one in answer(definition, {"init_scripts": [ours, theirs]}).findings] == [
        ("init_scripts", 1, "volumes", "destination")
    ]
    assert [one.path for one in answer(definition, {"init_scripts": [theirs]}).findings] == [
        ("init_scripts", 0, "volumes", "destination")
    ]


def test_list_of_plain_values_can_be_forbidden() -> None:
    result = answer(
        {"ssh_public_keys.*": {"type": "forbidden"}}, {"ssh_public_keys": ["ssh-rsa a", "ssh-rsa b"]}
    )
    assert [one.dotted_path for one in result.findings] == ["ssh_public_keys[0]", "ssh_public_keys[1]"]


def test_destination_of_logs_has_its_own_paths() -> None:
    definition = {"cluster_log_conf.type": {"type": "blocklist", "values": ["DBFS"], "isOptional": True}}
    assert not answer(definition, {"cluster_log_conf": {"dbfs": {"destination": "dbfs:/logs"}}}).accepted
    assert answer(definition, {"cluster_log_conf": {"volumes": {"destination": "/Volumes/logs"}}}).accepted
    assert answer(definition, {}).accepted
    fixed = {
        "cluster_log_conf.type": {"type": "fixed", "value": "VOLUMES"},
        "cluster_log_conf.path": {"type": "fixed", "value": "/Volumes/logs"},
    }
    assert answer(fixed, {}).cluster == {"cluster_log_conf": {"volumes": {"destination": "/Volumes/logs"}}}


def test_limit_on_the_workers_pool_holds_for_the_drivers() -> None:
    forbidden = {"instance_pool_id": {"type": "forbidden"}}
    result = answer(forbidden, {"driver_instance_pool_id": "p1"})
    assert [one.dotted_path for one in result.findings] == ["driver_instance_pool_id"]
    own = {**forbidden, "driver_instance_pool_id": {"type": "unlimited", "isOptional": True}}
    assert answer(own, {"driver_instance_pool_id": "p1"}).accepted


@pytest.mark.parametrize(("kind", "accepted"), [("job", True), ("all-purpose", False), ("dlt", False)])
def test_cluster_type_is_what_the_cluster_is_for(kind: str, accepted: bool) -> None:
    result = answer({"cluster_type": {"type": "fixed", "value": "job"}}, {}, cluster_type=kind)
    assert result.accepted is accepted
    assert "cluster_type" not in result.cluster


@pytest.mark.parametrize(
    ("cluster", "dbus"),
    [
        ({"node_type_id": "Standard_D4ds_v5", "num_workers": 0}, 1),
        ({"node_type_id": "Standard_D4ds_v5"}, 1),
        ({"node_type_id": "Standard_D4ds_v5", "num_workers": 3}, 4),
        ({"node_type_id": "Standard_D4ds_v5", "autoscale": {"min_workers": 1, "max_workers": 8}}, 9),
        (
            {"node_type_id": "Standard_D4ds_v5", "driver_node_type_id": "Standard_E8ds_v5", "num_workers": 2},
            4.75,
        ),
        ({"instance_pool_id": "p1", "num_workers": 2}, 3),
        ({"instance_pool_id": "p1", "driver_instance_pool_id": "p2", "num_workers": 2}, 12),
        ({"node_type_id": "Standard_NC24ads_A100_v4", "num_workers": 1}, 20),
        ({**SIZE, "num_workers": 1, "autoscale": {"min_workers": 1, "max_workers": 8}}, 9),
    ],
)
def test_dbus_per_hour_counts_driver_and_most_workers(cluster: dict[str, Any], dbus: float) -> None:
    pools = {"p1": "Standard_D4ds_v5", "p2": "Standard_NC24ads_A100_v4"}
    limit = {"dbus_per_hour": {"type": "range", "maxValue": dbus}}
    assert answer(limit, cluster, pools=pools).accepted
    below = {"dbus_per_hour": {"type": "range", "maxValue": dbus - 0.01}}
    refusal = answer(below, cluster, pools=pools)
    assert [one.dotted_path for one in refusal.findings] == ["dbus_per_hour"]
    assert refusal.findings[0].remedy == "ask for fewer workers or smaller nodes"


@pytest.mark.parametrize(
    "cluster",
    [
        {},
        {"node_type_id": "Standard_Unheard_of", "num_workers": 1},
        {"instance_pool_id": "not-known", "num_workers": 1},
        {**SIZE, "driver_instance_pool_id": "not-known"},
        {**SIZE, "runtime_engine": "PHOTON"},
        {**SIZE, "spark_version": "17.3.x-photon-scala2.13"},
        {**SIZE, "num_workers": "2"},
        {**SIZE, "autoscale": {"min_workers": 1}},
        {**SIZE, "num_workers": -1},
        {**SIZE, "num_workers": True},
        {**SIZE, "autoscale": "2"},
    ],
)
def test_dbus_per_hour_that_cannot_be_worked_out_is_refused(cluster: dict[str, Any]) -> None:
    result = answer({"dbus_per_hour": {"type": "range", "maxValue": 1000}}, cluster)
    assert [one.code for one in result.findings] == ["CLP013"]


def test_every_reason_is_given_at_once() -> None:
    definition = {
        "cluster_type": {"type": "fixed", "value": "all-purpose"},
        "num_workers": {"type": "range", "maxValue": 1},
        "instance_pool_id": {"type": "forbidden"},
        "spark_version": {"type": "allowlist", "values": ["18.x-scala2.13"]},
        "node_type_id": {"type": "regex", "pattern": "Standard_E.*"},
    }
    result = answer(definition, {**SIZE, "instance_pool_id": "p1"})
    assert sorted(one.dotted_path for one in result.findings) == [
        *("cluster_type", "instance_pool_id", "node_type_id", "node_type_id", "num_workers", "spark_version")
    ]
    assert all(one.remedy and "allowed: " in one.detail for one in result.findings)


def test_refusal_reads_like_the_workspaces_own() -> None:
    definition = {
        "custom_tags.CostCenter": {"type": "fixed", "value": "a"},
        "num_workers": {"type": "forbidden"},
    }
    result = answer(definition, {"custom_tags": {"CostCenter": "b"}, "num_workers": 2})
    assert result.message == (
        "Cluster validation error: "
        'Validation failed for custom_tags, CostCenter must be a (is "b"); '
        'Validation failed for num_workers, the value must not be present (is "2")'
    )
    assert answer({}, SIZE).message == ""


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("free", "no known type"),
        ({"type": "free"}, "no known type"),
        ({}, "no known type"),
        ({"type": "fixed"}, "lacks value"),
        ({"type": "fixed", "value": 1, "isOptional": True}, "takes no isOptional"),
        ({"type": "forbidden", "value": 1}, "takes no value"),
        ({"type": "allowlist", "values": []}, "not a list of values"),
        ({"type": "allowlist", "values": "a"}, "not a list of values"),
        ({"type": "allowlist", "values": ["a"], "defaultValue": "b"}, "not allowed by its own limit"),
        ({"type": "blocklist", "values": ["a"], "defaultValue": "a"}, "not allowed by its own limit"),
        ({"type": "regex", "pattern": "("}, "no regular expression"),
        ({"type": "regex", "pattern": 5}, "no regular expression"),
        ({"type": "range", "minValue": "x"}, "no number"),
        ({"type": "range", "minValue": 5, "maxValue": 4}, "range is empty"),
        ({"type": "range", "maxValue": 4, "defaultValue": 5}, "not allowed by its own limit"),
        ({"type": "unlimited", "maxValue": 4}, "takes no maxValue"),
        ({"type": "fixed", "value": None}, "neither text nor number"),
        ({"type": "fixed", "value": ["a"]}, "neither text nor number"),
        ({"type": "allowlist", "values": ["a", {}]}, "neither text nor number"),
        ({"type": "unlimited", "defaultValue": float("nan")}, "neither text nor number"),
        ({"type": "range", "maxValue": float("inf")}, "no number"),
        ({"type": "unlimited", "hidden": "yes"}, "not true or false"),
        ({"type": "regex", "pattern": "a", "isOptional": 1}, "not true or false"),
    ],
)
def test_definition_that_is_wrong_accepts_nothing(rule: Any, words: str) -> None:
    result = answer({"x": rule}, {})
    assert not result.accepted
    assert [one.code for one in result.findings] == ["CLP001"]
    assert words in result.findings[0].summary


@pytest.mark.parametrize("path", ["", ".", "a..b", "spark_conf.", "custom_tags.team*", "spark_conf.spark.*"])
def test_path_that_names_no_attribute_is_refused(path: str) -> None:
    result = answer({path: {"type": "forbidden"}}, {})
    assert [one.code for one in result.findings] == ["CLP001"]


@pytest.mark.parametrize("definition", [[], "text", None, [{"foo": "bar"}]])
def test_definition_of_another_shape_is_refused(definition: Any) -> None:
    assert [one.code for one in answer(definition, {}).findings] == ["CLP001"]


@pytest.mark.parametrize("field", ["custom_tags", "spark_conf", "spark_env_vars"])
def test_limit_on_all_keys_of_a_map(field: str) -> None:
    definition = {
        f"{field}.*": {"type": "forbidden"},
        f"{field}.ours.a": {"type": "fixed", "value": "1"},
        f"{field}.theirs": {"type": "regex", "pattern": "[a-z]+", "isOptional": True},
    }
    assert answer(definition, {}).cluster == {field: {"ours.a": "1"}}
    assert answer(definition, {field: {"theirs": "x"}}).accepted
    refused = answer(definition, {field: {"theirs": "X", "other": "x", "ours.a": "1"}})
    assert [one.path for one in refused.findings] == [(field, "other"), (field, "theirs")]


@pytest.mark.parametrize(
    ("definition", "cluster"),
    [
        ({"custom_tags.team": {"type": "fixed", "value": "a"}}, {"custom_tags": "none"}),
        ({"custom_tags.team": {"type": "fixed", "value": "a"}}, {"custom_tags": ["team"]}),
        ({"azure_attributes.availability": {"type": "fixed", "value": "a"}}, {"azure_attributes": 5}),
        ({"init_scripts.0.volumes.destination": {"type": "fixed", "value": "a"}}, {"init_scripts": "x"}),
        ({"init_scripts.1.volumes.destination": {"type": "fixed", "value": "a"}}, {}),
        ({"cluster_log_conf.path": {"type": "fixed", "value": "a"}}, {"cluster_log_conf": "x"}),
    ],
)
def test_fixed_value_that_finds_no_place_refuses_the_cluster(definition: Any, cluster: Any) -> None:
    """Otherwise a cluster of another shape would go without what the policy imposes."""
    result = answer(definition, cluster)
    assert [one.code for one in result.findings] == ["CLP012"]
    assert result.cluster == cluster


def test_elements_of_a_list_are_filled_in_from_the_first() -> None:
    definition = {
        f"init_scripts.{index}.volumes.destination": {"type": "fixed", "value": f"/Volumes/{index}.sh"}
        for index in (10, 2, 0, 1, *range(3, 10))
    }
    scripts = answer(definition, {}).cluster["init_scripts"]
    assert [one["volumes"]["destination"] for one in scripts] == [f"/Volumes/{i}.sh" for i in range(11)]


def test_no_destination_of_logs_hides_behind_another() -> None:
    definition = {"cluster_log_conf.type": {"type": "blocklist", "values": ["DBFS"], "isOptional": True}}
    both = {"volumes": {"destination": "/Volumes/logs"}, "dbfs": {"destination": "dbfs:/logs"}}
    assert not answer(definition, {"cluster_log_conf": both}).accepted
    assert not answer(definition, {"cluster_log_conf": {"dbfs": "dbfs:/logs"}}).accepted


def test_fixed_path_of_logs_keeps_what_the_user_gave_beside_it() -> None:
    definition = {"cluster_log_conf.path": {"type": "fixed", "value": "/Volumes/logs"}}
    given = {"cluster_log_conf": {"volumes": {"extra": 1}}}
    assert answer(definition, given).cluster == {
        "cluster_log_conf": {"volumes": {"extra": 1, "destination": "/Volumes/logs"}}
    }
    assert given == {"cluster_log_conf": {"volumes": {"extra": 1}}}


@pytest.mark.parametrize("size", ["node_type_id", "driver_node_type_id"])
@pytest.mark.parametrize("origin", ["cluster", "fixed", "default"])
def test_cluster_from_a_pool_names_no_size(size: str, origin: str) -> None:
    definition: dict[str, Any] = {}
    cluster: dict[str, Any] = {"instance_pool_id": "p1"}
    if origin == "cluster":
        cluster[size] = "Standard_D4ds_v5"
    elif origin == "fixed":
        definition[size] = {"type": "fixed", "value": "Standard_D4ds_v5"}
    else:
        definition[size] = {"type": "unlimited", "defaultValue": "Standard_D4ds_v5", "isOptional": True}
    result = answer(definition, cluster, apply_defaults=origin == "default")
    assert [(one.code, one.dotted_path) for one in result.findings] == [("CLP014", size)]
    assert f"The field '{size}' cannot be supplied when an instance pool ID is provided".lower() in (
        result.message.lower()
    )


def test_two_texts_are_never_the_same_number() -> None:
    definition = {"custom_tags.cost-centre": {"type": "fixed", "value": "0471"}}
    assert not answer(definition, {"custom_tags": {"cost-centre": "471"}}).accepted
    assert answer(definition, {"custom_tags": {"cost-centre": "0471"}}).accepted
    assert not answer({"x": {"type": "fixed", "value": 471}}, {"x": "0471"}).accepted
    assert not answer({"x": {"type": "fixed", "value": "1.0"}}, {"x": "1"}).accepted
    assert answer({"x": {"type": "fixed", "value": 1}}, {"x": "1.0"}).accepted


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), "nan", "1e3", "0x1", "1_0"])
def test_what_is_no_decimal_number_is_in_no_range(value: Any) -> None:
    assert not answer({"x": {"type": "range"}}, {"x": value}).accepted
