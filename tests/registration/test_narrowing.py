"""A narrowed update leaves everything as it is but the resources that are named."""

from __future__ import annotations

import pulumi
import pytest
from pulumi_databricks import Job

from lakeplane.registration import narrow, narrowed_to
from lakeplane.render import Graph, render

WANTED = "urn:pulumi:dev.contents::shop::lakeplane:jobs:WorkloadJobs$databricks:index/job:Job::wanted"


def program() -> None:
    narrow()
    kept = pulumi.ResourceOptions(ignore_changes=["name"])
    Job("wanted", name="wanted", opts=kept)
    Job("other", name="other", opts=kept)
    pulumi.ComponentResource("lakeplane:jobs:WorkloadJobs", "wanted")


def run() -> Graph:
    return render(program, project="shop", stack="dev.contents")


def ignored(graph: Graph) -> dict[str, tuple[str, ...]]:
    return {found.name: found.ignore_changes for found in graph.of_type("databricks:index/job:Job")}


def test_all_but_the_wanted_ignore_every_change(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in narrowed_to([WANTED]).items():
        monkeypatch.setenv(name, value)
    assert ignored(run()) == {"wanted": ("name",), "other": ("*",)}, "also with options that both share"


def test_without_a_wish_nothing_is_narrowed() -> None:
    assert ignored(run()) == {"wanted": ("name",), "other": ("name",)}
