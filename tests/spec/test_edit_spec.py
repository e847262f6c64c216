"""Values set in a spec's file: what was asked for changes, and not one character else."""

from __future__ import annotations

import difflib
import io
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from lakeplane.errors import SpecError
from lakeplane.spec import load_spec
from lakeplane.spec.edit import edit_spec, set_values
from lakeplane.spec.template import starter

ENVIRONMENTS = Path(__file__).parents[2] / "stacks" / "environments"
SPECS = sorted(
    path for path in ENVIRONMENTS.rglob("*.yaml") if path.name != "hub.yaml" and "config" not in path.parts
)
IMAGE = f"crcontoso.azurecr.io/lakeplane/scoring@sha256:{'a' * 64}"
SERVING, VERSION = ("serving", "image"), ("serving", "model_version")
ENDPOINT, KEPT = ("ml", "endpoint", "model_version"), ("ml", "endpoint", "kept_versions")


def read(text: str) -> object:
    return YAML(typ="safe", pure=True).load(text)


def lines_lost(before: str, after: str) -> list[str]:
    return [line[2:] for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[:2] == "- "]


@pytest.mark.parametrize("path", SPECS, ids=lambda path: str(path.relative_to(ENVIRONMENTS)))
def test_a_committed_spec_gets_values_and_loses_no_line(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    (tmp_path / "hub.yaml").write_bytes((ENVIRONMENTS / "hub.yaml").read_bytes())
    had = load_spec(path)
    edit_spec(copy, {SERVING: IMAGE, VERSION: 3, ENDPOINT: 7, KEPT: [5, 6]})
    has = load_spec(copy)
    assert (has.serving.image, has.serving.model_version) == (IMAGE, 3)
    assert (has.ml.endpoint.model_version, has.ml.endpoint.kept_versions) == (7, (5, 6))
    serving = {"image": had.serving.image, "model_version": had.serving.model_version}
    endpoint = {
        "model_version": had.ml.endpoint.model_version,
        "kept_versions": had.ml.endpoint.kept_versions,
    }
    restored = has.model_copy(
        update={
            "serving": has.serving.model_copy(update=serving),
            "ml": has.ml.model_copy(update={"endpoint": has.ml.endpoint.model_copy(update=endpoint)}),
        }
    )
    assert restored == had
    lost = lines_lost(path.read_text(), copy.read_text())
    assert all(re.search(r"image|version|serving|ml:", line) for line in lost), lost
    edit_spec(copy, {VERSION: 4})
    assert load_spec(copy).serving.model_version == 4


def test_comments_quotes_and_order_stay(tmp_path: Path) -> None:
    path = tmp_path / "team1.yaml"
    path.write_text(starter("team1"))
    edit_spec(path, {SERVING: IMAGE})
    assert path.read_text() == starter("team1") + f"\nserving:\n  image: {IMAGE}\n"
    edit_spec(path, {VERSION: 2, SERVING: IMAGE.replace("a" * 64, "b" * 64)})
    tail = f"\nserving:\n  image: {IMAGE.replace('a' * 64, 'b' * 64)}\n  model_version: 2\n"
    assert path.read_text() == starter("team1") + tail


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("serving: {}\n", "serving: {model_version: 3}\n"),
        ("serving: {model: x}  # ours\n", "serving: {model: x, model_version: 3}  # ours\n"),
        ("serving:\n", "serving:\n  model_version: 3\n"),
        ("serving:  # ours\nname: x\n", "serving:  # ours\n  model_version: 3\nname: x\n"),
        ("serving:\n  model_version: 2 # old\n", "serving:\n  model_version: 3 # old\n"),
        ("serving:\n    model_version:\n", "serving:\n    model_version: 3\n"),
        (
            "serving:\n    model: x\n\n# next\nname: y\n",
            "serving:\n    model: x\n    model_version: 3\n\n# next\nname: y\n",
        ),
        ("serving:\r\n  model: x\r\n", "serving:\r\n  model: x\r\n  model_version: 3\r\n"),
        ("name: x", "name: x\n\nserving:\n  model_version: 3\n"),
        (
            "list:\n  - a: 1\n    b: |\n      x\n",
            "list:\n  - a: 1\n    b: |\n      x\n\nserving:\n  model_version: 3\n",
        ),
        ("a: &x 1\nb: *x\n", "a: &x 1\nb: *x\n\nserving:\n  model_version: 3\n"),
    ],
)
def test_a_value_takes_its_place_in_every_form(before: str, after: str) -> None:
    assert set_values(before, {VERSION: 3}) == after
    assert read(after)["serving"]["model_version"] == 3  # type: ignore[index]


@pytest.mark.parametrize(
    "text",
    [
        "other: &x {image: a}\nserving: *x\n",
        "serving:\n  image: >\n    a\n",
        "serving: 3\n",
        "serving:\n  image:\n    - a\n",
    ],
)
def test_what_cannot_be_changed_in_its_place_is_a_finding(text: str) -> None:
    with pytest.raises(SpecError) as failure:
        set_values(text, {SERVING: IMAGE})
    (finding,) = failure.value.findings
    assert finding.code == "SPC041"
    assert finding.location is not None


def test_a_spec_that_would_be_wrong_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "team1.yaml"
    path.write_text(starter("team1"))
    with pytest.raises(SpecError) as failure:
        edit_spec(path, {SERVING: "crcontoso.azurecr.io/scoring:latest"})
    (finding,) = failure.value.findings
    assert finding.code == "SPC024"
    assert finding.location is not None
    assert finding.location.file == str(path)
    assert path.read_text() == starter("team1")
    assert list(tmp_path.iterdir()) == [path], "nothing is left beside it"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.yaml", tmp_path / "team1.yaml"
    real.write_text(starter("team1"))
    real.chmod(0o640)
    link.symlink_to(real)
    edit_spec(link, {VERSION: 1})
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert load_spec(link).serving.model_version == 1


KEYS = st.sampled_from(["serving", "lake", "ml", "name", "image", "model", "endpoint"])
SCALARS = st.one_of(st.integers(0, 99), st.sampled_from(["x", "y z", "# no", "a: b", ""]))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.dictionaries(KEYS, inner, min_size=1) | st.lists(inner, max_size=3),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(KEYS, VALUES, min_size=1)


@settings(max_examples=300, deadline=None)
@given(document=DOCUMENTS, flow=st.sampled_from([None, True, False]), number=st.integers(1, 9))
def test_any_document_gets_the_value_and_keeps_the_rest(
    document: dict[str, Any], flow: bool | None, number: int
) -> None:
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = flow
    stream = io.StringIO()
    yaml.dump(document, stream)
    try:
        changed = set_values(stream.getvalue(), {VERSION: number})
    except SpecError:
        assert not isinstance(document.get("serving", {}), dict)
        return
    serving = document.get("serving") or {}
    assert read(changed) == {**document, "serving": {**serving, "model_version": number}}
