"""The verbs as people and scripts see them, on loopback instead of Azure."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError
from fake_arm import FakeArm
from recordings import account_answers, good_answers
from services import Recorded, Signed, playing_back

from lakeplane.azure.bootstrap import plan_bootstrap
from lakeplane.azure.bootstrap.subject import subject_of
from lakeplane.azure.client import Client
from lakeplane.azure.preflight import needs_of
from lakeplane.azure.sign_in import Remembering
from lakeplane.cli.bootstrap import act
from lakeplane.cli.environment import Environment, Live, Target, find_environment
from lakeplane.cli.preflight import ask, needs_of_subject
from lakeplane.cli.terminal import Format, Progress
from lakeplane.cli.up import require_reach
from lakeplane.errors import SetupError, UnreachableError
from lakeplane.preview import preview_environment

SPECS = Path(__file__).parents[2] / "stacks" / "environments"


@pytest.fixture(scope="module")
def dev() -> Environment:
    return find_environment(str(SPECS / "dev.yaml"))


def test_preflight_exits_by_what_it_found(dev: Environment, capsys: pytest.CaptureFixture[str]) -> None:
    needs = needs_of_subject(dev)
    arm, account = good_answers(needs), account_answers(needs)
    with playing_back(arm), playing_back(account):
        clients = [Client(Signed(needs.tenant_id), endpoint=one.url, retries=0) for one in (arm, account)]
        assert ask(dev, *clients, Format.JSON) == 0
        document = json.loads(capsys.readouterr().out)
        assert list(document) == ["spec", "target", "results"]
        arm.answers.pop(("GET", f"/subscriptions/{needs.subscription_id}"))
        assert ask(dev, *clients, Format.TEXT) == 1
    assert "not checked" in capsys.readouterr().out


def test_preflight_asks_for_the_cores_that_the_preview_counts(dev: Environment) -> None:
    counted = {
        (one.name.removesuffix(", Azure Machine Learning"), "Learning" in one.name): one.needed
        for one in preview_environment(dev.path).quota
    }
    by_plan = {(one.family, one.machine_learning): one for one in needs_of(dev.plan).cores}
    asked = {(one.family, one.machine_learning): one for one in needs_of_subject(dev).cores}
    assert asked.keys() >= by_plan.keys()
    for key, one in asked.items():
        assert one.most == counted[key]
        assert one.least <= one.most


def test_bootstrap_exits_by_what_became_of_it(dev: Environment, capsys: pytest.CaptureFixture[str]) -> None:
    plan = plan_bootstrap(subject_of(dev.plan))
    # What takes its time is registered already, so that nothing is waited for.
    registrations = {one.path.lower(): ["Registered"] for one in plan.steps if "register" in one.kind.value}
    arm = FakeArm(registered=registrations, denied=("PUT */vaults/*",))
    with playing_back(Recorded(handler=arm.handle)) as server:
        client = Client(Signed(), endpoint=server.url, retries=0)
        arm.url = server.url
        assert act(dev, plan, client, Format.JSON) == 1
        document = json.loads(capsys.readouterr().out)
        arm.denied = ()
        assert act(dev, plan, client, Format.TEXT) == 0
    statuses = {one["key"]: one["status"] for one in document["steps"]}
    assert (statuses["vault"], statuses["key"], statuses["container"]) == ("refused", "skipped", "created")
    assert document["exports"]["PULUMI_BACKEND_URL"].startswith("azblob://state?storage_account=")
    assert "export PULUMI_BACKEND_URL" in capsys.readouterr().out


def test_bootstrap_without_a_log_in_is_a_finding(dev: Environment) -> None:
    class Nobody(Signed):
        def get_token(self, *scopes: str, **_: Any) -> Any:
            raise ClientAuthenticationError("Please run 'az login'.")

    client = Client(Nobody(), endpoint="http://127.0.0.1:1")
    with pytest.raises(SetupError) as caught:
        act(dev, plan_bootstrap(subject_of(dev.plan)), client, Format.TEXT)
    assert caught.value.findings[0].code == "BTS001"


class _Engine:
    """Knows the outputs of a foundation, as the engine reads them from its state."""

    def outputs(self, stack: str) -> dict[str, Any]:
        assert stack == "dev.foundation"
        return {"foundation": {"databricks_workspace_url": "adb-1.7.azuredatabricks.net", "aks_fqdn": "a.b"}}


def test_up_stops_before_contents_with_all_findings(
    dev: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)

    def nobody(_: str) -> Sequence[str]:
        raise socket.gaierror(-2, "Name or service not known")

    live = Live(dev, Target.AZURE, _Engine(), None)  # type: ignore[arg-type]
    with pytest.raises(UnreachableError) as caught:
        require_reach(live, Progress(), nobody)
    assert [one.code for one in caught.value.findings] == ["RCH001"] * 6


def test_tokens_are_asked_for_once_by_however_many_threads() -> None:
    inner = Signed()
    credential = Remembering(inner)
    threads = [threading.Thread(target=credential.get_token, args=("scope",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert inner.given == 1
    credential.get_token("another")
    credential.get_token("scope", claims="{}")
    assert inner.given == 3
