"""REST names against the provider's: round trips, and databricks-sdk as an outside oracle."""

from __future__ import annotations

import dataclasses
import sys
import typing
from typing import Any

import pulumi_databricks as databricks
import pytest
from databricks.sdk.service import compute, jobs

from lakeplane.errors import PlanError
from lakeplane.provider_models.names import _by_rest_name, pulumi_to_rest, rest_to_arguments, rest_to_pulumi

JOB: dict[str, Any] = {
    "name": "medallion",
    "tags": {"cost_center": "4711", "on_failure": "a tag, not a property"},
    "parameters": [{"name": "catalog", "default": "local"}],
    "git_source": {"git_url": "https://example.com/r.git", "git_provider": "gitHub", "git_branch": "main"},
    "email_notifications": {"on_failure": ["a@example.com"], "on_success": ["b@example.com"]},
    "webhook_notifications": {"on_duration_warning_threshold_exceeded": [{"id": "w1"}]},
    "health": {"rules": [{"metric": "RUN_DURATION_SECONDS", "op": "GREATER_THAN", "value": 60}]},
    "job_clusters": [
        {
            "job_cluster_key": "main",
            "new_cluster": {
                "policy_id": "p-1",
                "apply_policy_default_values": True,
                "spark_version": "18.x-scala2.13",
                "node_type_id": "Standard_D4ds_v5",
                "num_workers": 0,
                "data_security_mode": "SINGLE_USER",
                "spark_conf": {"spark.sql.shuffle.partitions": "8"},
                "autoscale": {"min_workers": 1, "max_workers": 4},
                "init_scripts": [{"volumes": {"destination": "/Volumes/a/b/c/init.sh"}}],
            },
        }
    ],
    "tasks": [
        {
            "task_key": "land",
            "job_cluster_key": "main",
            "python_wheel_task": {
                "package_name": "lakeplane_workloads",
                "entry_point": "medallion-land",
                "named_parameters": {"catalog": "{{job.parameters.catalog}}"},
            },
            "libraries": [{"whl": "/Volumes/w.whl"}, {"pypi": {"package": "simbench==1.6.3"}}],
        },
        {
            "task_key": "each",
            "depends_on": [{"task_key": "land", "outcome": "true"}],
            "for_each_task": {
                "inputs": "[1, 2]",
                "concurrency": 2,
                "task": {
                    "task_key": "inner",
                    "notebook_task": {"notebook_path": "/x", "base_parameters": {"depends_on": "x"}},
                    "email_notifications": {"on_start": ["c@example.com"]},
                },
            },
        },
        {
            "task_key": "refresh",
            "pipeline_task": {"pipeline_id": "1", "full_refresh_selection": ["t"]},
        },
    ],
}


def test_job_is_spelled_as_the_provider_wants_it() -> None:
    wire = rest_to_pulumi(databricks.JobArgs, JOB)
    assert wire["emailNotifications"] == {"onFailures": ["a@example.com"], "onSuccesses": ["b@example.com"]}
    assert wire["gitSource"]["url"] == "https://example.com/r.git"
    assert wire["tasks"][1]["dependsOns"] == [{"taskKey": "land", "outcome": "true"}]
    assert wire["tasks"][2]["pipelineTask"]["fullRefreshSelections"] == ["t"]
    cluster = wire["jobClusters"][0]["newCluster"]
    assert cluster["applyPolicyDefaultValues"] is True
    assert cluster["sparkConf"] == {"spark.sql.shuffle.partitions": "8"}
    assert wire["tags"] == JOB["tags"], "keys of maps belong to the user"


def test_job_survives_the_round_trip() -> None:
    wire = rest_to_pulumi(databricks.JobArgs, JOB)
    assert pulumi_to_rest("databricks:index/job:Job", wire) == JOB


def test_cluster_policy_survives_the_round_trip() -> None:
    rest = {
        "name": "single node",
        "description": "d",
        "definition": '{"num_workers": {"type": "fixed", "value": 0}}',
        "max_clusters_per_user": 3,
        "libraries": [{"maven": {"coordinates": "a:b:1", "exclusions": ["c:d"]}}],
    }
    wire = rest_to_pulumi(databricks.ClusterPolicyArgs, rest)
    assert wire["maxClustersPerUser"] == 3
    assert pulumi_to_rest("databricks:index/clusterPolicy:ClusterPolicy", wire) == rest


def test_instance_pool_survives_the_round_trip() -> None:
    rest = {
        "instance_pool_name": "pool",
        "node_type_id": "Standard_D4ds_v5",
        "min_idle_instances": 0,
        "max_capacity": 4,
        "idle_instance_autotermination_minutes": 15,
        "azure_attributes": {"availability": "ON_DEMAND_AZURE", "spot_bid_max_price": -1},
        "disk_spec": {
            "disk_count": 1,
            "disk_size": 64,
            "disk_type": {"azure_disk_volume_type": "PREMIUM_LRS"},
        },
        "preloaded_spark_versions": ["18.x-scala2.13"],
        "custom_tags": {"owner": "data"},
    }
    wire = rest_to_pulumi(databricks.InstancePoolArgs, rest)
    assert pulumi_to_rest("databricks:index/instancePool:InstancePool", wire) == rest


def test_arguments_build_the_sdk_class() -> None:
    arguments = rest_to_arguments(databricks.JobArgs, JOB)
    assert arguments["tasks"][1]["depends_ons"] == [{"task_key": "land", "outcome": "true"}]
    args = databricks.JobArgs(**arguments)
    assert args.name == "medallion"


def test_all_unknown_keys_and_shapes_are_reported_at_once() -> None:
    with pytest.raises(PlanError) as caught:
        rest_to_pulumi(
            databricks.JobArgs,
            {
                "name": "x",
                "taks": [],
                "tasks": [{"task_key": "a", "depends_on": {"task_key": "b"}, "python_whl_task": {}}],
                "job_clusters": [{"job_cluster_key": "k", "new_cluster": {"autotermination_minutes": 10}}],
            },
        )
    found = {(finding.code, finding.dotted_path) for finding in caught.value.findings}
    assert found == {
        ("JOB001", "taks"),
        ("JOB002", "tasks[0].depends_on"),
        ("JOB001", "tasks[0].python_whl_task"),
        ("JOB001", "job_clusters[0].new_cluster.autotermination_minutes"),
    }


# What the API has and the provider can't take, by the SDK's class (databricks-sdk 0.156, provider 1.118.0).
NOT_IN_PROVIDER = {
    "ClusterSpec": {"autotermination_minutes"},  # all-purpose clusters only
    "Task": {"for_each_task"},  # a loop in a loop
    "Policy": {"created_at_timestamp", "creator_user_name", "is_default", "policy_id"},  # answers only
    "GetInstancePool": {
        "default_tags",
        "remote_disk_throughput",
        "state",
        "stats",
        "status",
        "total_initial_remote_disk_size",
    },
    "InstancePoolAzureAttributes": {"capacity_reservation_group"},
    "DiskSpec": {"disk_iops", "disk_throughput"},
    "NodeTypeFlexibility": {"aws_context_id"},
}


@pytest.mark.parametrize(
    ("model", "args"),
    [
        (jobs.JobSettings, databricks.JobArgs),
        (compute.Policy, databricks.ClusterPolicyArgs),
        (compute.GetInstancePool, databricks.InstancePoolArgs),
    ],
    ids=["job", "cluster policy", "instance pool"],
)
def test_every_property_of_the_api_is_known(model: type[Any], args: type[Any]) -> None:
    """databricks-sdk is generated from the API itself, apart from the Terraform provider."""
    missing: set[tuple[str, str]] = set()
    compared = _compare(model, args, missing, set())
    allowed = {(cls, name) for cls, names in NOT_IN_PROVIDER.items() for name in names}
    assert missing - allowed == set()
    assert compared > 10


def _compare(model: type[Any], args: type[Any], missing: set[tuple[str, str]], seen: set[Any]) -> int:
    if (model, args) in seen:
        return 0
    seen.add((model, args))
    known = _by_rest_name(args)
    scope = {**vars(sys.modules[model.__module__]), "compute": compute}
    compared = 0
    for name, hint in typing.get_type_hints(model, scope, scope).items():
        if name not in known:
            missing.add((model.__name__, name))
            continue
        compared += 1
        optional = typing.get_origin(hint) is typing.Union
        inner = next(a for a in typing.get_args(hint) if a is not type(None)) if optional else hint
        is_list = typing.get_origin(inner) is list
        assert known[name].is_list == is_list, f"{model.__name__}.{name}"
        element = typing.get_args(inner)[0] if is_list else inner
        if dataclasses.is_dataclass(element) and known[name].element is not None:
            compared += _compare(typing.cast(Any, element), known[name].element, missing, seen)
    return compared
