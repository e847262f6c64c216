"""The bundled policies: satisfiable in every tier, strict where it matters, stable in print."""

import json
import os
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from databricks.bundles.pipelines import PipelineCluster
from databricks.sdk.service.compute import ClusterSpec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakeplane.cluster_policies import POLICY_KEYS, check_definition, evaluate, witness
from lakeplane.cluster_policies.witness import explain_witness
from lakeplane.spec.sizes import cluster_sizes, gpu_sizes
from lakeplane.spec.tiers import TIERS


@st.composite
def specs(draw: st.DrawFn) -> dict[str, Any]:
    """Draw what a legal spec may say about clusters and tags."""
    databricks = {
        "node_type": st.sampled_from(cluster_sizes()),
        "gpu_node_type": st.sampled_from(gpu_sizes()),
        "max_workers": st.integers(1, 1000),
        "gpu_max_workers": st.integers(1, 200),
        "autotermination_minutes": st.integers(10, 10_000),
        "runtime": st.sampled_from(["17.3.x-scala2.13", "18.x-scala2.13"]),
    }
    spec: dict[str, Any] = {
        "tier": draw(st.sampled_from(TIERS)),
        "cost_centre": draw(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,30}[A-Za-z0-9]", fullmatch=True)),
        "databricks": draw(st.fixed_dictionaries({}, optional=databricks)),
    }
    if draw(st.booleans()):
        spec["expiry"] = draw(st.dates(date(2027, 1, 1), date(2030, 1, 1))).isoformat()
    return spec


GOLDEN = Path(__file__).parent / "golden" / "policies-dev.json"
JOBS = [key for key in POLICY_KEYS if key.endswith("job")]
INTERACTIVE = [key for key in POLICY_KEYS if key.endswith("interactive")]
MULTI = [key for key in POLICY_KEYS if "multi" in key or key in ("pipelines", "many_models_job")]
SINGLE = [key for key in POLICY_KEYS if key not in MULTI]
# Attributes of clusters that those of pipelines lack; a test below holds this against the API.
NOT_OF_PIPELINES = {"spark_version", "data_security_mode", "runtime_engine", "docker_image", "is_single_node"}
POOLED = ["multi_node_interactive", "multi_node_job"]


def kind(key: str) -> Any:
    return "job" if key in JOBS else "dlt" if key == "pipelines" else "all-purpose"


def judge(policy: Any, cluster: dict[str, Any], **options: Any) -> Any:
    return evaluate(
        policy.definition, cluster, **{"cluster_type": kind(policy.key), "apply_defaults": True, **options}
    )


def paths(result: Any) -> set[str]:
    return {one.dotted_path for one in result.findings}


def test_policies_cover_the_matrix(policies_of) -> None:  # type: ignore[no-untyped-def]
    policies = policies_of()
    assert tuple(policies) == POLICY_KEYS
    assert {
        *("single_node_interactive", "multi_node_interactive", "gpu_single_node_interactive"),
        *("single_node_job", "multi_node_job", "gpu_job", "pipelines", "many_models_job"),
    } <= set(POLICY_KEYS)
    assert len({policy.name for policy in policies.values()}) == len(policies) == 10
    assert all(1 <= len(policy.name) <= 100 for policy in policies.values())  # the API's limit


@pytest.mark.parametrize("tier", TIERS)
def test_every_policy_is_well_formed_and_accepts_some_cluster(policies_of, tier: str) -> None:  # type: ignore[no-untyped-def]
    for policy in policies_of(tier=tier).values():
        assert check_definition(policy.definition) == ()
        assert witness(policy.definition), f"{policy.key}: {explain_witness(policy.definition).message}"


@pytest.mark.parametrize("size", cluster_sizes())
def test_policies_stay_satisfiable_for_every_node_size(policies_of, size: str) -> None:  # type: ignore[no-untyped-def]
    policies = policies_of(databricks={"node_type": size})
    assert all(witness(policy.definition) for key, policy in policies.items() if not key.startswith("gpu"))


@pytest.mark.parametrize("size", gpu_sizes())
def test_policies_stay_satisfiable_for_every_gpu_size(policies_of, size: str) -> None:  # type: ignore[no-untyped-def]
    policies = policies_of(databricks={"gpu_node_type": size})
    assert all(witness(policy.definition) for key, policy in policies.items() if key.startswith("gpu"))


@pytest.mark.parametrize("key", POLICY_KEYS)
def test_policies_impose_tags(policies_of, key: str) -> None:  # type: ignore[no-untyped-def]
    policy = policies_of()[key]
    accepted = witness(policy.definition)
    assert accepted["custom_tags"]["cost-centre"] == "4711"
    assert accepted["custom_tags"]["owner"] == "data-platform@contoso.example"
    assert "custom_tags.tier" in paths(judge(policy, {**accepted, "custom_tags": {"tier": "prod"}}))


@pytest.mark.parametrize("key", SINGLE)
def test_single_node_is_imposed(policies_of, key: str) -> None:  # type: ignore[no-untyped-def]
    policy = policies_of()[key]
    cluster = judge(policy, {}).cluster
    assert judge(policy, {}).accepted
    assert cluster["num_workers"] == 0
    assert cluster["spark_conf"]["spark.databricks.cluster.profile"] == "singleNode"
    assert cluster["spark_conf"]["spark.master"].startswith("local")
    assert cluster["custom_tags"]["ResourceClass"] == "SingleNode"
    assert "num_workers" in paths(judge(policy, {"num_workers": 1}))
    autoscale = {"autoscale": {"min_workers": 1, "max_workers": 2}}
    assert {"autoscale.min_workers", "autoscale.max_workers"} <= paths(judge(policy, autoscale))


@pytest.mark.parametrize("key", MULTI)
def test_workers_and_dbus_have_an_upper_limit(policies_of, key: str) -> None:  # type: ignore[no-untyped-def]
    policy = policies_of()[key]
    size = "Standard_NC4as_T4_v3" if key.startswith("gpu") else "Standard_D4ds_v5"
    most = 2 if key.startswith("gpu") else 4
    cluster = {"node_type_id": size, "autoscale": {"min_workers": 1, "max_workers": most}}
    assert judge(policy, cluster).accepted
    more = {**cluster, "autoscale": {"min_workers": 1, "max_workers": most + 1}}
    assert paths(judge(policy, more)) == {"autoscale.max_workers", "dbus_per_hour"}
    assert "num_workers" in paths(judge(policy, {"node_type_id": size, "num_workers": most + 1}))


@pytest.mark.parametrize("key", sorted({*MULTI} & {*JOBS}))
def test_jobs_may_ask_for_a_fixed_number_of_workers(policies_of, key: str) -> None:  # type: ignore[no-untyped-def]
    size = "Standard_NC4as_T4_v3" if key.startswith("gpu") else "Standard_D4ds_v5"
    result = judge(policies_of()[key], {"node_type_id": size, "num_workers": 2})
    assert result.accepted
    assert "autoscale" not in result.cluster


@pytest.mark.parametrize("key", POOLED)
def test_multi_node_clusters_may_come_from_a_pool(policies_of, key: str) -> None:  # type: ignore[no-untyped-def]
    cluster = {"instance_pool_id": "pool-1", "autoscale": {"min_workers": 1, "max_workers": 4}}
    result = judge(policies_of()[key], cluster, pools={"pool-1": "Standard_D4ds_v5"})
    assert result.accepted
    # What the pool has already must not be filled in beside it: the API refuses both together.
    assert not {"node_type_id", "azure_attributes"} & set(result.cluster)
    both = judge(
        policies_of()[key],
        {**cluster, "node_type_id": "Standard_D4ds_v5"},
        pools={"pool-1": "Standard_D4ds_v5"},
    )
    assert [(one.code, one.path) for one in both.findings] == [("CLP014", ("node_type_id",))]


@pytest.mark.parametrize("key", sorted({*POLICY_KEYS} - {*POOLED}))
def test_other_clusters_may_not_come_from_a_pool(policies_of, key: str) -> None:  # type: ignore[no-untyped-def]
    result = judge(policies_of()[key], {"driver_instance_pool_id": "pool-1", "instance_pool_id": "pool-1"})
    assert {"instance_pool_id", "driver_instance_pool_id"} <= paths(result)


@pytest.mark.parametrize("key", INTERACTIVE)
def test_interactive_clusters_stop_by_themselves(policies_of, key: str) -> None:  # type: ignore[no-untyped-def]
    policy = policies_of()[key]
    assert witness(policy.definition)["autotermination_minutes"] == 30
    for minutes in (0, 9, 31):
        assert "autotermination_minutes" in paths(judge(policy, {"autotermination_minutes": minutes}))


@pytest.mark.parametrize("key", sorted({*POLICY_KEYS} - {*INTERACTIVE}))
def test_policies_of_what_stops_with_its_run_never_speak_of_autotermination(policies_of, key: str) -> None:  # type: ignore[no-untyped-def]
    assert "autotermination_minutes" not in policies_of()[key].definition


@pytest.mark.parametrize("key", POLICY_KEYS)
def test_policies_are_for_their_kind_of_cluster_only(policies_of, key: str) -> None:  # type: ignore[no-untyped-def]
    policy = policies_of()[key]
    accepted = witness(policy.definition)
    for other in {"all-purpose", "job", "dlt"} - {kind(key)}:
        assert paths(judge(policy, accepted, cluster_type=other)) == {"cluster_type"}


SIDE_DOORS: list[tuple[str, Any, str]] = [
    ("spark_version", "10.4.x-scala2.12", "spark_version"),
    ("data_security_mode", "NONE", "data_security_mode"),
    ("data_security_mode", "LEGACY_SINGLE_USER", "data_security_mode"),
    ("runtime_engine", "PHOTON", "runtime_engine"),
    ("docker_image", {"url": "example/image:1"}, "docker_image.url"),
    ("ssh_public_keys", ["ssh-rsa x"], "ssh_public_keys[0]"),
    ("init_scripts", [{"dbfs": {"destination": "dbfs:/x.sh"}}], "init_scripts[0].dbfs.destination"),
    ("cluster_log_conf", {"dbfs": {"destination": "dbfs:/logs"}}, "cluster_log_conf.type"),
    ("cluster_log_conf", {"volumes": {"destination": "dbfs:/logs"}}, "cluster_log_conf.path"),
    ("azure_attributes", {"availability": "SPOT_AZURE"}, "azure_attributes.availability"),
    ("driver_node_type_id", "Standard_E64ds_v4", "driver_node_type_id"),
    (
        "spark_conf",
        {"spark.databricks.passthrough.enabled": "true"},
        "spark_conf.spark.databricks.passthrough.enabled",
    ),
]


@pytest.mark.parametrize(
    ("key", "attribute", "value", "path"),
    [
        (key, *door)
        for key in POLICY_KEYS
        for door in SIDE_DOORS
        if key != "pipelines" or door[0] not in NOT_OF_PIPELINES
    ],
)
def test_policies_shut_the_side_doors(policies_of, key: str, attribute: str, value: Any, path: str) -> None:  # type: ignore[no-untyped-def]
    policy = policies_of()[key]
    assert path in paths(judge(policy, {**witness(policy.definition), attribute: value}))


@pytest.mark.parametrize("key", POLICY_KEYS)
def test_gpu_policies_take_gpu_sizes_only_and_others_none(policies_of, key: str) -> None:  # type: ignore[no-untyped-def]
    allowed = set(policies_of()[key].definition["node_type_id"]["values"])
    assert allowed <= set(gpu_sizes() if key.startswith("gpu") else cluster_sizes())


@pytest.mark.parametrize("key", INTERACTIVE)
def test_interactive_clusters_run_on_demand(policies_of, key: str) -> None:  # type: ignore[no-untyped-def]
    allowed = policies_of()[key].definition["azure_attributes.availability"]["values"]
    assert allowed == ["ON_DEMAND_AZURE"]


def test_pipelines_limit_what_the_api_gives_their_clusters(policies_of) -> None:  # type: ignore[no-untyped-def]
    """Other attributes would be required of clusters that cannot have them."""
    known = {field.name for field in fields(PipelineCluster)}
    assert not NOT_OF_PIPELINES & known
    limited = {path.split(".")[0] for path in policies_of()["pipelines"].definition}
    assert limited - {"cluster_type", "dbus_per_hour"} <= known
    result = judge(policies_of()["pipelines"], {"label": "default"})
    assert result.accepted
    assert result.cluster["autoscale"] == {"min_workers": 1, "max_workers": 4}


@pytest.mark.parametrize("key", [key for key in POLICY_KEYS if key != "pipelines"])
def test_policies_limit_what_the_api_gives_clusters(policies_of, key: str) -> None:  # type: ignore[no-untyped-def]
    limited = {path.split(".")[0] for path in policies_of()[key].definition}
    assert limited - {"cluster_type", "dbus_per_hour"} <= {field.name for field in fields(ClusterSpec)}


def test_many_models_keep_a_core_a_model_and_the_driver_off_spot_machines(policies_of) -> None:  # type: ignore[no-untyped-def]
    policy = policies_of()["many_models_job"]
    cluster = judge(policy, {"num_workers": 4}).cluster
    assert cluster["spark_env_vars"] == {"OMP_NUM_THREADS": "1"}
    assert cluster["azure_attributes"] == {"availability": "SPOT_WITH_FALLBACK_AZURE", "first_on_demand": 1}
    assert cluster["data_security_mode"] == "SINGLE_USER"
    bad = {"num_workers": 4, "azure_attributes": {"first_on_demand": 0}}
    assert paths(judge(policy, bad)) == {"azure_attributes.first_on_demand"}
    assert judge(policy, {"num_workers": 4, "spark_env_vars": {"OMP_NUM_THREADS": "4"}}).accepted


@pytest.mark.parametrize("key", [key for key in POLICY_KEYS if key != "pipelines"])
def test_nobody_says_otherwise_how_many_nodes_there_are(policies_of, key: str) -> None:  # type: ignore[no-untyped-def]
    policy = policies_of()[key]
    accepted = witness(policy.definition)
    assert "is_single_node" not in accepted  # the API takes it with `kind` only
    assert judge(policy, {**accepted, "is_single_node": key in SINGLE}).accepted
    assert paths(judge(policy, {**accepted, "is_single_node": key in MULTI})) == {"is_single_node"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spec=specs())
def test_policies_of_any_legal_spec_accept_some_cluster_and_impose_its_tags(policies_of, spec: Any) -> None:  # type: ignore[no-untyped-def]
    policies = policies_of(**spec)
    assert tuple(policies) == POLICY_KEYS
    for policy in policies.values():
        assert check_definition(policy.definition) == ()
        cluster = witness(policy.definition)
        assert cluster is not None, f"{policy.key}: {explain_witness(policy.definition).message}"
        tags = cluster["custom_tags"]
        assert {"cost-centre": spec["cost_centre"], "tier": spec["tier"], "environment": "dev"}.items() <= (
            tags.items()
        )
        assert tags.get("expiry") == spec.get("expiry")
        again = judge(policy, cluster, apply_defaults=False)
        assert again.accepted
        assert again.cluster == cluster
        for tag in tags:
            changed = {**cluster, "custom_tags": {**tags, tag: "another"}}
            assert paths(judge(policy, changed)) == {f"custom_tags.{tag}"}


def test_largest_cluster_that_a_policy_is_made_for_is_within_its_units(policies_of) -> None:  # type: ignore[no-untyped-def]
    """`(93 + 1) * 88.9096` and `88.9096 + 93 * 88.9096` differ in their sixteenth digit."""
    for most in (*range(1, 120), 200):
        sizes = {"gpu_node_type": "Standard_ND96isr_H100_v5", "gpu_max_workers": most}
        result = judge(policies_of(databricks=sizes)["gpu_multi_node_interactive"], {})
        assert result.accepted, most
        assert result.cluster["autoscale"]["max_workers"] == most


def test_policies_of_dev_stay_the_same(policies_of) -> None:  # type: ignore[no-untyped-def]
    printed = {key: json.loads(policy.to_json()) for key, policy in policies_of().items()}
    if os.environ.get("LAKEPLANE_UPDATE_GOLDEN"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(json.dumps(printed, indent=1) + "\n", encoding="utf-8")
    assert printed == json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert policies_of()["gpu_job"].to_json() == policies_of()["gpu_job"].to_json()
