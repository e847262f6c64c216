"""`lakeplane destroy --if-expired` on an environment that stands: before its end, after it, and once more."""

from __future__ import annotations

import pytest

from .conftest import Project

pytestmark = pytest.mark.engine


def test_only_what_has_expired_is_removed(project: Project) -> None:
    spec = project.root / "stacks" / "environments" / "local.yaml"
    text = spec.read_text()
    spec.write_text(f"{text}\nexpiry: 2998-12-31\n")
    project.lakeplane("up", "local")
    kept = project.json("destroy", "local", "--if-expired")
    assert kept["nothing_to_do"]["code"] == "EXP002"
    before = project.json("status", "local")["resources"]
    assert before

    # What a date may never remove is not touched either, though it is past.
    spec.write_text(text.replace("tier: dev", "tier: prod") + "\nexpiry: 2020-01-31\n")
    assert "EXP003" in project.lakeplane("destroy", "local", "--if-expired", code=1).stderr
    spec.write_text(f"{text}\nexpiry: 2020-01-31\n")
    assert project.json("status", "local")["resources"] == before

    # Contents alone leave the foundation, and what the local target keeps of it.
    contents = project.json("destroy", "local", "--layer", "contents")
    assert (list(contents["gone"]), contents["left_over"]) == (["contents"], [])
    left = project.json("status", "local")["resources"]
    assert left
    assert not [kind for kind in left if kind.startswith(("databricks:", "kubernetes:"))]

    gone = project.json("destroy", "local", "--if-expired")
    assert sum(gone["gone"].values()) > 100
    assert gone["left_over"] == []

    # As the next morning does, while the spec is still there.
    again = project.json("destroy", "local", "--if-expired")
    assert (sum(again["gone"].values()), again["left_over"]) == (0, [])
