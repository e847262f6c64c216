"""URNs are a contract: a resource whose URN changes is made anew, unless an alias says otherwise."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lakeplane.render import Graph

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("layer", ["foundation", "contents"])
def test_urns_stay_as_they_are(local: dict[str, Graph], layer: str) -> None:
    """Rewrite the golden files with UPDATE_GOLDEN=1, and give every renamed resource an alias."""
    found = "".join(f"{resource.urn}\n" for resource in local[layer].resources)
    golden = GOLDEN / f"local.{layer}.urns.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(found)
    assert found == golden.read_text()


def test_two_renders_are_equal(local: dict[str, Graph], render_layers, project) -> None:
    again = render_layers(project.environments / "local.yaml")
    assert again == local
