"""`lakeplane policy check` with a cluster from standard input, and with too little or too much to go by."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[2]


def policy(*words: str, given: str = "") -> Any:
    return subprocess.run(
        [str(Path(sys.executable).with_name("lakeplane")), "policy", *words],
        cwd=PROJECT,
        input=given,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_cluster_may_come_from_standard_input() -> None:
    cluster = {"num_workers": 0, "apply_policy_default_values": True}
    done = policy("check", "single_node_job", "-", "--format", "json", given=json.dumps(cluster))
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["accepted"] is True
    assert answer["findings"] == []
    assert cluster.items() <= answer["cluster"].items()
    assert answer["cluster"]["custom_tags"]["ResourceClass"] == "SingleNode"


def test_position_in_standard_input_is_shown() -> None:
    done = policy(
        "check", "single_node_job", "-", given="apply_policy_default_values: true\nnum_workers: 3\n"
    )
    assert done.returncode == 1
    assert "/dev/stdin:2:14 at num_workers" in done.stdout


def test_defaults_apply_only_when_the_cluster_asks_for_them() -> None:
    done = policy("check", "single_node_job", "-", "--format", "json", given="num_workers: 0\n")
    answer = json.loads(done.stdout)
    assert done.returncode == 1
    assert {(one["code"], one["path"]) for one in answer["findings"]} == {
        ("CLP012", "data_security_mode"),
        ("CLP012", "node_type_id"),
        ("CLP012", "spark_version"),
        ("CLP013", "dbus_per_hour"),
    }


@pytest.mark.parametrize(
    "words",
    [
        ("check",),
        ("check", "gpu_job"),
        ("check", "local", "gpu_job", "-", "x"),
        ("explain", "local", "a", "b"),
    ],
)
def test_wrong_number_of_words_is_a_usage_error(words: tuple[str, ...]) -> None:
    done = policy(*words)
    assert done.returncode == 2
    assert "Usage: lakeplane policy" in done.stderr
    assert "Traceback" not in done.stderr


def test_file_that_is_not_there_is_a_finding() -> None:
    done = policy("check", "gpu_job", "no-such-cluster.yaml")
    assert done.returncode == 1
    assert "error[SPC001]: cluster cannot be read" in done.stderr
