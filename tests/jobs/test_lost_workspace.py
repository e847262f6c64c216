"""A workspace that is gone."""

from __future__ import annotations

import socket

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.config import Config

from lakeplane.errors import WorkloadError
from lakeplane.jobs import run_job


def test_a_workspace_that_does_not_answer_is_no_fault_of_this_machine_s_disk() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens, and nobody else gets the port
        host = f"http://127.0.0.1:{taken.getsockname()[1]}"
        client = WorkspaceClient(
            config=Config(host=host, token="t", auth_type="pat", retry_timeout_seconds=1)
        )
        with pytest.raises(WorkloadError) as caught:
            run_job(client, "medallion")
    (finding,) = caught.value.findings
    assert finding.code == "RUN005"
    assert host in finding.detail
    assert "refused" in finding.detail
    assert "'medallion'" in finding.summary
