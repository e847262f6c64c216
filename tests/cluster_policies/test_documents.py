"""The bundled policies: satisfiable in every tier, strict where it matters, stable in print."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from lakeplane.cluster_policies import POLICY_KEYS, check_definition, evaluate, witness
from lakeplane.cluster_policies.witness import explain_witness
from lakeplane.spec.sizes import cluster_sizes, gpu_sizes
from lakeplane.spec.tiers import TIERS

GOLDEN = Path(__file__).parent / "golden" / "policies-dev.json"
JOBS = [key for key in POLICY_KEYS if key.endswith("job")]
INTERACTIVE = [key for key in POLICY_KEYS if key.endswith("interactive")]
SINGLE = [key for key in POLICY_KEYS if "multi" not in key]
MULTI = [key for key in POLICY_KEYS if "multi" in key]


def kind(key: str) -> Any:
    return "job" if key in JOBS else "all-purpose"


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
        *("single_node_job", "multi_node_job", "gpu_job"),
    } <= set(POLICY_KEYS)
    assert len({policy.name for policy in policies.values()}) == len(policies) == 8
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


@pytest.mark.parametrize("key", [key for key in MULTI if key in JOBS])
def test_jobs_may_ask_for_a_fixed_number_of_workers(policies_of, key: str) -> None:  # type: ignore[no-untyped-def]
    size = "Standard_NC4as_T4_v3" if key.startswith("gpu") else "Standard_D4ds_v5"
    result = judge(policies_of()[key], {"node_type_id": size, "num_workers": 2})
    assert result.accepted
    assert "autoscale" not in result.cluster


@pytest.mark.parametrize("key", ["multi_node_interactive", "multi_node_job"])
def test_multi_node_clusters_may_come_from_a_pool(policies_of, key: str) -> None:  # type: ignore[no-untyped-def]
    cluster = {"instance_pool_id": "pool-1", "autoscale": {"min_workers": 1, "max_workers": 4}}
    result = judge(policies_of()[key], cluster, pools={"pool-1": "Standard_D4ds_v5"})
    assert result.accepted
    # What the pool has already must not be filled in beside it: the API refuses both together.
    assert not {"node_type_id", "azure_attributes"} & set(result.cluster)


@pytest.mark.parametrize("key", [*SINGLE, "gpu_multi_node_job"])
def test_other_clusters_may_not_come_from_a_pool(policies_of, key: str) -> None:  # type: ignore[no-untyped-def]
    result = judge(policies_of()[key], {"driver_instance_pool_id": "pool-1", "instance_pool_id": "pool-1"})
    assert {"instance_pool_id", "driver_instance_pool_id"} <= paths(result)


@pytest.mark.parametrize("key", INTERACTIVE)
def test_interactive_clusters_stop_by_themselves(policies_of, key: str) -> None:  # type: ignore[no-untyped-def]
    policy = policies_of()[key]
    assert witness(policy.definition)["autotermination_minutes"] == 30
    for minutes in (0, 9, 31):
        assert "autotermination_minutes" in paths(judge(policy, {"autotermination_minutes": minutes}))


@pytest.mark.parametrize("key", JOBS)
def test_job_policies_never_speak_of_autotermination(policies_of, key: str) -> None:  # type: ignore[no-untyped-def]
    assert "autotermination_minutes" not in policies_of()[key].definition


@pytest.mark.parametrize("key", POLICY_KEYS)
def test_policies_are_for_their_kind_of_cluster_only(policies_of, key: str) -> None:  # type: ignore[no-untyped-def]
    policy = policies_of()[key]
    other: Any = "all-purpose" if key in JOBS else "job"
    accepted = witness(policy.definition)
    assert paths(judge(policy, accepted, cluster_type=other)) == {"cluster_type"}
    assert paths(judge(policy, accepted, cluster_type="dlt")) == {"cluster_type"}


@pytest.mark.parametrize("key", POLICY_KEYS)
@pytest.mark.parametrize(
    ("attribute", "value", "path"),
    [
        ("spark_version", "10.4.x-scala2.12", "spark_version"),
        ("data_security_mode", "NONE", "data_security_mode"),
        ("data_security_mode", "LEGACY_SINGLE_USER", "data_security_mode"),
        ("runtime_engine", "PHOTON", "runtime_engine"),
        ("docker_image", {"url": "example/image:1"}, "docker_image.url"),
        ("ssh_public_keys", ["ssh-rsa x"], "ssh_public_keys[0]"),
        ("init_scripts", [{"dbfs": {"destination": "dbfs:/x.sh"}}], "init_scripts[0].dbfs.destination"),
        ("cluster_log_conf", {"dbfs": {"destination": "dbfs:/logs"}}, "cluster_log_conf.type"),
        ("azure_attributes", {"availability": "SPOT_AZURE"}, "azure_attributes.availability"),
        ("driver_node_type_id", "Standard_E64ds_v4", "driver_node_type_id"),
        (
            "spark_conf",
            {"spark.databricks.passthrough.enabled": "true"},
            "spark_conf.spark.databricks.passthrough.enabled",
        ),
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


def test_policies_of_dev_stay_the_same(policies_of) -> None:  # type: ignore[no-untyped-def]
    printed = {key: json.loads(policy.to_json()) for key, policy in policies_of().items()}
    if os.environ.get("LAKEPLANE_UPDATE_GOLDEN"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(json.dumps(printed, indent=1) + "\n", encoding="utf-8")
    assert printed == json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert policies_of()["gpu_job"].to_json() == policies_of()["gpu_job"].to_json()
