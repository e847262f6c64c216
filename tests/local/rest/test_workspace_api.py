"""What a deployment left in the store, read back with databricks-sdk."""

from __future__ import annotations

import io
import json
import time
from typing import Any

import pyarrow as pa
import pytest
import requests
from databricks.sdk import errors
from databricks.sdk.service.compute import ClusterSpec, DataSecurityMode
from databricks.sdk.service.jobs import JobCluster, PythonWheelTask, Task
from deltalake import write_deltalake

from lakeplane.local.faults import Fault, Faults

from .conftest import TOKEN, Workspace, task

VOLUME = "/Volumes/test/ml/artifacts"


def test_only_the_token_is_let_in(workspace: Workspace) -> None:
    with pytest.raises(errors.PermissionDenied):
        workspace.client_with("another").current_user.me()
    anonymous = requests.get(f"{workspace.url}/api/2.2/jobs/list", timeout=5)
    assert anonymous.status_code == 401
    assert set(anonymous.json()) == {"error_code", "message"}
    assert workspace.client.current_user.me().user_name


def test_what_is_not_simulated_says_so(workspace: Workspace) -> None:
    with pytest.raises(errors.NotImplemented, match="warehouses"):
        list(workspace.client.warehouses.list())


def test_bad_requests_are_refused_without_a_traceback(workspace: Workspace) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    url = f"{workspace.url}/api/2.1/jobs"
    for answer in (
        requests.post(f"{url}/run-now", data=b"{", headers=headers, timeout=5),
        requests.post(f"{url}/run-now", json=[], headers=headers, timeout=5),
        requests.get(f"{url}/get?job_id=x", headers=headers, timeout=5),
        requests.get(f"{url}/list?limit=-1", headers=headers, timeout=5),
    ):
        assert answer.status_code == 400, answer.text
        assert set(answer.json()) == {"error_code", "message"}


def test_a_planned_failure_strikes_once(workspace: Workspace) -> None:
    path = "/api/2.0/preview/scim/v2/Me"
    Faults(workspace.store).plan(Fault("rest", path, "GET", 403, "not today"))
    with pytest.raises(errors.PermissionDenied, match="not today"):
        workspace.client.current_user.me()
    assert workspace.client.current_user.me().user_name


def test_deployed_jobs_are_read_in_the_apis_words(workspace: Workspace) -> None:
    workspace.job(501, [task("a", "say"), task("b", "say", "a")], tags={"team": "x"}, queue={"enabled": True})
    job = workspace.client.jobs.get(501)
    assert job.settings
    assert job.settings.tasks
    assert job.settings.tasks[1].depends_on
    assert job.settings.tasks[1].depends_on[0].task_key == "a"
    assert job.settings.job_clusters
    assert job.settings.job_clusters[0].new_cluster
    assert job.settings.job_clusters[0].new_cluster.policy_id == "P1"
    named = list(workspace.client.jobs.list(name="job-501"))
    assert [item.job_id for item in named] == [501]
    assert named[0].settings
    assert named[0].settings.tags == {"team": "x"}
    with pytest.raises(errors.ResourceDoesNotExist):
        workspace.client.jobs.get(502)


def test_jobs_are_listed_in_pages(workspace: Workspace) -> None:
    for number in range(600, 607):
        workspace.job(number, [task("a", "say")])
    ids = [job.job_id for job in workspace.client.jobs.list(limit=2)]
    assert {*range(600, 607)} <= set(ids)
    assert len(ids) == len(set(ids))


def _tasks() -> list[Task]:
    wheel_task = PythonWheelTask(package_name="probe", entry_point="say")
    return [Task(task_key="a", job_cluster_key="main", python_wheel_task=wheel_task)]


def test_a_job_made_through_the_api_is_held_to_its_policy(workspace: Workspace) -> None:
    def create(workers: int) -> Any:
        cluster = ClusterSpec(
            policy_id="P1",
            apply_policy_default_values=True,
            spark_version="17.3.x-scala2.13",
            num_workers=workers,
        )
        return workspace.client.jobs.create(
            name="by hand",
            tasks=_tasks(),
            job_clusters=[JobCluster(job_cluster_key="main", new_cluster=cluster)],
        )

    with pytest.raises(errors.InvalidParameterValue, match="num_workers"):
        create(5)
    job_id = create(0).job_id
    assert workspace.client.jobs.get(job_id).settings
    workspace.client.jobs.delete(job_id)
    with pytest.raises(errors.ResourceDoesNotExist):
        workspace.client.jobs.get(job_id)


def test_cluster_policies_are_listed_with_their_definitions(workspace: Workspace) -> None:
    policies = list(workspace.client.cluster_policies.list())
    assert [policy.policy_id for policy in policies] == ["P2", "P1"]
    definition = workspace.client.cluster_policies.get("P1").definition
    assert json.loads(definition or "")["num_workers"] == {"type": "range", "maxValue": 1}
    with pytest.raises(errors.ResourceDoesNotExist):
        workspace.client.cluster_policies.get("P9")


def test_a_cluster_against_its_policy_is_refused_with_every_reason(workspace: Workspace) -> None:
    with pytest.raises(errors.InvalidParameterValue) as refused:
        workspace.client.clusters.create(
            spark_version="17.3.x-scala2.13",
            policy_id="P2",
            node_type_id="Standard_M416ms_v2",
            autotermination_minutes=600,
            data_security_mode=DataSecurityMode.NONE,
            num_workers=1,
        )
    for attribute in ("node_type_id", "autotermination_minutes", "data_security_mode"):
        assert attribute in str(refused.value)
    assert list(workspace.client.clusters.list()) == []


def test_an_accepted_cluster_is_remembered_and_says_that_it_has_no_machines(workspace: Workspace) -> None:
    created = workspace.client.clusters.create(
        spark_version="17.3.x-scala2.13",
        policy_id="P2",
        node_type_id="Standard_D4ds_v5",
        autotermination_minutes=30,
        num_workers=0,
    )
    cluster = workspace.client.clusters.get(created.cluster_id)
    assert cluster.state
    assert cluster.state.value == "TERMINATED"
    assert "no machines" in (cluster.state_message or "")
    assert cluster.data_security_mode is DataSecurityMode.SINGLE_USER
    workspace.client.clusters.permanent_delete(created.cluster_id)
    with pytest.raises(errors.ResourceDoesNotExist):
        workspace.client.clusters.get(created.cluster_id)


def test_pools_and_catalog_are_read(workspace: Workspace) -> None:
    client = workspace.client
    assert [pool.instance_pool_id for pool in client.instance_pools.list()] == ["pool-1"]
    assert client.instance_pools.get("pool-1").node_type_id == "Standard_D4ds_v5"
    assert [catalog.name for catalog in client.catalogs.list()] == ["test"]
    assert [schema.full_name for schema in client.schemas.list("test")] == ["test.ml", "test.silver"]
    assert client.schemas.get("test.silver").storage_location == "abfss://silver@lake.dfs.core.windows.net"
    assert [volume.full_name for volume in client.volumes.list("test", "ml")] == ["test.ml.artifacts"]
    assert client.volumes.read("test.ml.artifacts").name == "artifacts"
    with pytest.raises(errors.NotFound):
        client.catalogs.get("other")
    with pytest.raises(errors.NotFound):
        list(client.tables.list("test", "other"))


def test_tables_tell_version_rows_and_place(workspace: Workspace) -> None:
    root = workspace.places.lake_path("abfss://silver@lake.dfs.core.windows.net/readings")
    assert root
    table = pa.table({"profile": ["a", "b"], "value": [1.0, 2.0], "n": pa.array([1, 2], pa.int64())})
    write_deltalake(str(root), table)
    write_deltalake(str(root), table, mode="append")
    (root.parent / "no_table").mkdir()
    (found,) = workspace.client.tables.list("test", "silver")
    assert found.properties
    assert found.properties["delta.version"] == "1"
    assert found.properties["numRows"] == "4"
    assert found.storage_location == "abfss://silver@lake.dfs.core.windows.net/readings"
    assert found.data_source_format
    assert found.data_source_format.value == "DELTA"
    assert found.columns
    assert [(column.name, column.type_text) for column in found.columns] == [
        ("profile", "string"),
        ("value", "double"),
        ("n", "bigint"),
    ]
    assert workspace.client.tables.get("test.silver.readings").table_id == found.table_id
    assert workspace.client.tables.exists("test.silver.readings").table_exists
    assert not workspace.client.tables.exists("test.silver.gone").table_exists
    with pytest.raises(errors.NotFound):
        workspace.client.tables.get("test.silver.gone")


def test_files_come_back_as_they_went(workspace: Workspace) -> None:
    files = workspace.client.files
    content = bytes(range(256)) * 5000
    files.create_directory(f"{VOLUME}/new/deep")
    files.upload(f"{VOLUME}/new/deep/a file.bin", io.BytesIO(content))
    with pytest.raises(errors.AlreadyExists):
        files.upload(f"{VOLUME}/new/deep/a file.bin", io.BytesIO(b""), overwrite=False)
    answer = files.download(f"{VOLUME}/new/deep/a file.bin")
    assert answer.contents
    assert answer.contents.read() == content
    assert files.get_metadata(f"{VOLUME}/new/deep/a file.bin").content_length == len(content)
    (entry,) = files.list_directory_contents(f"{VOLUME}/new/deep")
    assert (entry.path, entry.file_size) == (f"{VOLUME}/new/deep/a file.bin", len(content))
    files.get_directory_metadata(f"{VOLUME}/new")
    files.delete(f"{VOLUME}/new/deep/a file.bin")
    files.delete_directory(f"{VOLUME}/new/deep")
    with pytest.raises(errors.NotFound):
        files.download(f"{VOLUME}/new/deep/a file.bin")


@pytest.mark.parametrize(
    "path", ["/Volumes/test/ml/artifacts/../../../x", "/etc/passwd", "/Volumes/test/ml/none/x"]
)
def test_files_stay_in_their_volume(workspace: Workspace, path: str) -> None:
    answer = requests.Request("GET", "http://x").prepare()
    answer.prepare_headers({"Authorization": f"Bearer {TOKEN}"})
    answer.url = f"{workspace.url}/api/2.0/fs/files{path.replace('..', '%2e%2e')}"
    with requests.Session() as session:
        assert session.send(answer, timeout=5).status_code in {400, 404}


def test_a_link_does_not_lead_out_of_a_volume(workspace: Workspace) -> None:
    (workspace.places.volumes / "test/ml/artifacts/out").symlink_to("/etc")
    with pytest.raises(errors.InvalidParameterValue, match="leaves"):
        workspace.client.files.download(f"{VOLUME}/out/passwd")


def test_permissions_tell_who_may_manage_runs(workspace: Workspace) -> None:
    workspace.job(503, [task("a", "say")])
    controls = [{"groupName": "engineers", "permissionLevel": "CAN_MANAGE_RUN"}]
    workspace.put("Permissions", "/jobs/503", {"jobId": "503", "accessControls": controls})
    found = workspace.client.jobs.get_permissions("503").access_control_list or []
    assert [(entry.group_name, (entry.all_permissions or [])[0].permission_level) for entry in found][1:]
    assert found[1].group_name == "engineers"
    grants = [{"principal": "readers", "privileges": ["SELECT"]}]
    workspace.put("Grants", "schema/test.silver", {"schema": "test.silver", "grants": grants})
    granted = workspace.client.grants.get("SCHEMA", "test.silver").privilege_assignments or []
    assert [item.principal for item in granted] == ["readers"]


def test_the_api_answers_quickly(workspace: Workspace) -> None:
    started = time.monotonic()
    for _ in range(20):
        list(workspace.client.jobs.list())
    assert (time.monotonic() - started) / 20 < 0.2
