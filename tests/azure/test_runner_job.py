"""Starting the hub's job and waiting for its run, against answers as Microsoft.App's reference shows them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from services import Answer, Asked, Recorded, Signed, playing_back

from lakeplane.azure.client import Client
from lakeplane.azure.runner_job import Run, run_job
from lakeplane.errors import PlatformError, SetupError, WorkloadError

GROUP = "/subscriptions/4b000000-0000-4000-8000-000000000001/resourceGroups/rg-contoso-hub-westeurope"
JOB = f"{GROUP}/providers/Microsoft.App/jobs/caj-prod"
NAME = "caj-prod-8s2kx7d"
IMAGE = f"contoso.azurecr.io/lakeplane/runner@sha256:{'a' * 64}"
ARGUMENTS = ["up", "prod", "--target", "azure", "--layer", "contents"]
# Source: specification/app/…/stable/2024-03-01/examples/Job_Get.json, with the job of `components.runner`.
TEMPLATE: dict[str, Any] = {
    "containers": [
        {
            "name": "lakeplane",
            "image": IMAGE,
            "imageType": "ContainerImage",
            "command": ["lakeplane"],
            "args": ["up", "prod", "--target", "azure"],
            "env": [
                {"name": "AZURE_CLIENT_ID", "value": "c11e0000-0000-4000-8000-000000000001"},
                {"name": "LAKEPLANE_SOURCES", "value": "an earlier one"},
            ],
            "resources": {"cpu": 2, "memory": "4Gi", "ephemeralStorage": ""},
            "probes": None,
        }
    ],
    "initContainers": None,
    "volumes": None,
}


@dataclass
class Apps:
    """The part of Microsoft.App that a run needs: one job, and its runs with a status for each look."""

    statuses: list[Answer]
    template: dict[str, Any] = field(default_factory=lambda: TEMPLATE)
    earlier: dict[str, str] = field(default_factory=dict)
    start: Answer | None = None
    runs: dict[str, str] = field(default_factory=dict)
    told: list[Any] = field(default_factory=list)
    starts_all_the_same: bool = False

    def handle(self, asked: Asked) -> Answer:
        assert asked.query["api-version"] == "2024-03-01"
        if (asked.method, asked.path) == ("GET", JOB):
            configuration = {"triggerType": "Manual", "replicaTimeout": 3600}
            return Answer(body={"properties": {"configuration": configuration, "template": self.template}})
        if (asked.method, asked.path) == ("GET", f"{JOB}/executions"):
            runs = {**self.earlier, **self.runs}
            return Answer(body={"value": [execution(name, status) for name, status in runs.items()]})
        if (asked.method, asked.path) == ("POST", f"{JOB}/start"):
            self.told.append(asked.body)
            if self.start is None or self.starts_all_the_same:
                self.runs[NAME] = "Running"
            return self.start or Answer(202, {"name": NAME, "id": f"{JOB}/executions/{NAME}"})
        if (asked.method, asked.path) == ("GET", f"{JOB}/executions/{NAME}") and NAME in self.runs:
            return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return refused(404, "ResourceNotFound")


def execution(name: str, status: str) -> dict[str, Any]:
    return {
        "id": f"{JOB}/executions/{name}",
        "name": name,
        "type": "Microsoft.App/jobs/executions",
        "properties": {"status": status, "startTime": "2026-11-30T20:00:00+00:00"},
    }


def seen(*statuses: str) -> list[Answer]:
    return [Answer(body=execution(NAME, status)) for status in statuses]


def refused(status: int, code: str) -> Answer:
    return Answer(status, {"error": {"code": code, "message": "said Azure"}})


@dataclass
class Clock:
    """Time that passes by sleeping alone."""

    now: float = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def server() -> Iterator[Recorded]:
    with playing_back(Recorded()) as recorded:
        yield recorded


def run(server: Recorded, apps: Apps, said: list[str] | None = None) -> Run:
    server.handler = apps.handle
    clock = Clock()
    return run_job(
        Client(Signed(), endpoint=server.url, retries=2, first_pause=0.01),
        JOB,
        ARGUMENTS,
        {"LAKEPLANE_SOURCES": "0123456789ab"},
        (said if said is not None else []).append,
        sleep=clock.sleep,
        clock=lambda: clock.now,
    )


def finding(server: Recorded, apps: Apps, kind: type[PlatformError]) -> Any:
    with pytest.raises(kind) as failure:
        run(server, apps)
    (found,) = failure.value.findings
    return found


def test_a_run_keeps_the_jobs_image_and_is_told_what_to_do(server: Recorded) -> None:
    apps, said = Apps(seen("Unknown", "Processing", "Running", "Succeeded")), []
    done = run(server, apps, said)
    assert (done.name, done.status, done.seconds) == (NAME, "Succeeded", 45.0)
    assert done.to_dict() == {"execution": NAME, "status": "Succeeded", "seconds": 45.0}
    ((container,),) = [body.values() for body in apps.told]
    (told,) = container
    assert set(told) == {"name", "image", "command", "args", "env", "resources"}, "what a run may be told"
    assert (told["image"], told["command"], told["args"]) == (IMAGE, ["lakeplane"], ARGUMENTS)
    assert told["resources"] == TEMPLATE["containers"][0]["resources"]
    assert [(one["name"], one["value"]) for one in told["env"]] == [
        ("AZURE_CLIENT_ID", "c11e0000-0000-4000-8000-000000000001"),
        ("LAKEPLANE_SOURCES", "0123456789ab"),
    ]
    assert said[0] == f"{NAME} is started"
    assert said[-1] == f"{NAME}: Succeeded, 1 min"


@pytest.mark.parametrize("status", ["Failed", "Stopped", "Degraded", "SomethingNew"])
def test_every_other_end_is_a_failure(server: Recorded, status: str) -> None:
    found = finding(server, Apps(seen("Running", status)), WorkloadError)
    assert found.code == "RNR006"
    assert status in found.detail
    assert f"--job-execution-name {NAME}" in found.remedy
    assert f"startswith '{NAME}'" in found.remedy, "where its words are"


def test_a_job_that_is_not_there_waits_for_its_image(server: Recorded) -> None:
    server.handler = lambda _: refused(404, "ResourceNotFound")
    with pytest.raises(SetupError) as failure:
        run_job(Client(Signed(), endpoint=server.url), JOB, ARGUMENTS, {}, lambda _: None)
    (found,) = failure.value.findings
    assert found.code == "RNR004"
    assert "lakeplane image runner" in found.remedy


def test_who_may_not_start_it_is_told_who_may(server: Recorded) -> None:
    apps = Apps(seen("Running"), start=refused(403, "AuthorizationFailed"))
    found = finding(server, apps, SetupError)
    assert found.code == "RNR004"
    assert "lakeplane bootstrap" in found.remedy
    assert len(apps.told) == 1


def test_a_job_at_work_is_not_started_again(server: Recorded) -> None:
    apps = Apps(seen("Running"), earlier={"caj-prod-1": "Succeeded", "caj-prod-2": "Running"})
    found = finding(server, apps, SetupError)
    assert (found.code, apps.told) == ("RNR005", [])
    assert "caj-prod-2" in found.detail
    assert "caj-prod-1" not in found.detail


@pytest.mark.parametrize("answer", [Answer(202, {}), Answer(503, {})], ids=["no name", "no answer"])
def test_a_run_whose_start_was_not_answered_is_found_and_not_started_twice(
    server: Recorded, answer: Answer
) -> None:
    apps = Apps(seen("Succeeded"), earlier={"caj-prod-1": "Failed"}, start=answer, starts_all_the_same=True)
    assert run(server, apps).name == NAME
    assert len(apps.told) == 1


def test_a_start_that_came_to_nothing_is_told(server: Recorded) -> None:
    apps = Apps(seen("Succeeded"), start=Answer(503, {}))
    assert finding(server, apps, SetupError).code == "RNR004"
    assert len(apps.told) == 1


def test_a_lost_network_is_waited_out_but_not_for_ever(server: Recorded) -> None:
    lost = [refused(500, "InternalServerError")] * 9  # three looks, as each is repeated twice
    assert run(server, Apps([*seen("Running"), *lost, *seen("Succeeded")])).status == "Succeeded"
    found = finding(server, Apps([refused(500, "InternalServerError")]), WorkloadError)
    assert found.code == "RNR007"
    assert "before you start another" in found.remedy


def test_a_log_in_that_ended_is_no_success(server: Recorded) -> None:
    apps = Apps([*seen("Running"), refused(401, "ExpiredAuthenticationToken")])
    found = finding(server, apps, WorkloadError)
    assert found.code == "RNR007"
    assert "ExpiredAuthenticationToken" in found.detail


def test_a_run_without_an_end_is_given_up(server: Recorded) -> None:
    found = finding(server, Apps(seen("Running")), WorkloadError)
    assert found.code == "RNR007"
    assert "still Running after 70 minutes" in found.detail, "the job's own limit, and time to pull its image"


def test_a_job_of_another_make_is_left_alone(server: Recorded) -> None:
    apps = Apps(seen("Running"), template={"containers": TEMPLATE["containers"] * 2})
    found = finding(server, apps, SetupError)
    assert (found.code, apps.told) == ("RNR004", [])
