"""Loading of specs: what is filled in, what cannot be read, and that nothing but findings ever comes out."""

import contextlib
import json
import os
import time
from collections.abc import Mapping
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from lakeplane.errors import SpecError
from lakeplane.spec import load_spec
from lakeplane.spec.template import starter
from lakeplane.spec.tiers import TIER_DEFAULTS, TIERS

ENVIRONMENTS = Path(__file__).parents[2] / "stacks" / "environments"


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def findings(path: Path) -> list[tuple[str, str | None]]:
    with pytest.raises(SpecError) as caught:
        load_spec(path)
    return [(one.code, str(one.location) if one.location else None) for one in caught.value.findings]


@pytest.mark.parametrize("name", ["local", "dev"])
def test_load_spec_reads_committed_environments(name: str) -> None:
    spec = load_spec(ENVIRONMENTS / f"{name}.yaml")
    assert spec.name == name
    assert spec.tier == "dev"
    assert spec.workloads == ("medallion", "forecasting")
    assert spec.access.addresses[0] == IPv4Network("203.0.113.0/24")


def contains(found: Any, wanted: Any) -> bool:
    """Tell whether a value is there, in mappings key by key."""
    if isinstance(wanted, Mapping):
        return all(contains(found[key], value) for key, value in wanted.items())
    return bool(found == wanted)


@pytest.mark.parametrize("tier", TIERS)
def test_load_spec_fills_in_the_tier(tier: str, tmp_path: Path) -> None:
    spec = load_spec(write(tmp_path / "spec.yaml", starter("dev", tier)))
    for section, values in TIER_DEFAULTS[tier].items():
        assert contains(getattr(spec, section).model_dump(), values)
    assert spec.network.address_space == IPv4Network("10.20.0.0/20")
    assert spec.generation == 1
    assert spec.monthly_budget is None


def test_load_spec_prefers_what_is_written_to_the_tier(tmp_path: Path) -> None:
    text = starter("dev", "prod") + "databricks: {max_workers: 3}\n"
    spec = load_spec(write(tmp_path / "spec.yaml", text))
    assert spec.databricks.max_workers == 3
    assert spec.databricks.node_type == TIER_DEFAULTS["prod"]["databricks"]["node_type"]


def test_load_spec_takes_replication_without_zones_where_a_region_has_none(tmp_path: Path) -> None:
    text = starter("dev", "prod").replace("westeurope", "ukwest")
    assert load_spec(write(tmp_path / "spec.yaml", text)).lake.replication == "GRS"


def test_load_spec_takes_a_single_address_as_a_range_of_one(tmp_path: Path) -> None:
    text = starter("dev").replace("203.0.113.0/24", "203.0.113.7")
    spec = load_spec(write(tmp_path / "spec.yaml", text))
    assert spec.access.addresses == (IPv4Network("203.0.113.7/32"),)


def test_load_spec_returns_frozen_values() -> None:
    spec = load_spec(ENVIRONMENTS / "local.yaml")
    with pytest.raises(ValidationError, match="frozen"):
        spec.name = "other"  # type: ignore[misc]
    with pytest.raises(ValidationError, match="frozen"):
        spec.databricks.max_workers = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    "change",
    [lambda text: text.replace("\n", "\r\n"), lambda text: "\ufeff" + text],
    ids=["windows line ends", "byte order mark"],
)
def test_load_spec_reads_what_windows_editors_write(change, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert load_spec(write(tmp_path / "spec.yaml", change(starter("dev")))).name == "dev"


def test_load_spec_rejects_a_missing_file() -> None:
    assert findings(Path("no/such/spec.yaml")) == [("SPC001", None)]


def test_load_spec_rejects_a_directory(tmp_path: Path) -> None:
    assert findings(tmp_path) == [("SPC001", None)]


def test_load_spec_rejects_an_impossible_path() -> None:
    assert findings(Path("a\0b")) == [("SPC001", None)]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_load_spec_rejects_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = write(tmp_path / "spec.yaml", "name: dev\n")
    path.chmod(0)
    assert findings(path) == [("SPC001", None)]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("name: dev\nowner: Jos\xe9\n".encode("latin-1"), "2:11"),
        (b'name: dev\nowner: "\xff\xfe"\n', "2:9"),
        (b"name: dev\nowner: a\x00b\n", "2:9"),
        (b"name: \x07\n", "1:7"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "1:1"),
        (b"name: dev\n\x0c", "2:1"),
    ],
)
def test_load_spec_rejects_what_is_no_text(content: bytes, place: str, tmp_path: Path) -> None:
    path = write(tmp_path / "spec.yaml", content)
    assert findings(path) == [("SPC002", f"{path}:{place}")]


def test_load_spec_shows_the_path_as_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "spec.yaml", "- a\n")
    monkeypatch.chdir(tmp_path)
    assert findings(Path("./spec.yaml")) == [("SPC005", "spec.yaml:1:1")]
    assert findings(Path("../") / tmp_path.name / "spec.yaml") == [
        ("SPC005", f"../{tmp_path.name}/spec.yaml:1:1")
    ]


def aliases(count: int, each: int) -> str:
    """Chain mappings of aliases: every one refers to the one before it `each` times."""
    lines = ["k0: &k0 [0,0,0,0,0,0,0,0,0,0]"]
    lines += [f"k{i}: &k{i} [{','.join([f'*k{i - 1}'] * each)}]" for i in range(1, count)]
    return "\n".join(lines)


HOSTILE = {
    "text of 1 MB": "name: " + "x" * 1_000_000,
    "list of 1 MB": "name: [" + "1, " * 400_000 + "]",
    "one word of 1 MB": "x" * 1_000_000,
    "long chain of aliases": aliases(400, 3),
    "alias bomb": aliases(30, 10),
    "brackets": "[" * 100_000,
    "dashes": "- " * 100_000,
    "braces": "{a: " * 50_000,
    "huge number": "name: " + "9" * 5_000,
    "3,000 unknown keys": "\n".join(f"k{i}: {i}" for i in range(3_000)),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_load_spec_stays_quick_on_hostile_input(text: str, tmp_path: Path) -> None:
    path = write(tmp_path / "spec.yaml", text)
    started = time.monotonic()
    with pytest.raises(SpecError) as caught:
        load_spec(path)
    assert time.monotonic() - started < 8
    assert all(len(str(one)) < 4_000 for one in caught.value.findings)


def test_load_spec_finds_everything_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = write(
        tmp_path / "spec.yaml",
        starter("dev").replace("westeurope", "nowhere") + "lake: {replication: X}\nb: 1\na: 2\n",
    )
    found = findings(path)
    assert [code for code, _ in found] == ["SPC021", "SPC014", "SPC010", "SPC010"]
    lines = [int(str(place).rsplit(":", 2)[1]) for _, place in found]
    assert lines == sorted(lines)


KEYS = st.sampled_from(
    ["name", "tier", "access", "network", "lake", "databricks", "aks", "workloads", "zz", ""]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=st.dictionaries(KEYS, VALUES, max_size=6))
def test_load_spec_never_breaks_on_any_document(document: dict[str, object], tmp_path: Path) -> None:
    path = write(tmp_path / "spec.yaml", json.dumps(document, ensure_ascii=True))
    with pytest.raises(SpecError) as caught:
        load_spec(path)
    assert all(one.code.startswith("SPC") and one.remedy for one in caught.value.findings)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(alphabet=st.sampled_from(" \n\t-:[]{}&*!|>'\"%@#,?abn01.~\\"), max_size=60)
    | st.binary(max_size=60)
)
@example(text="!<")
@example(text="%YAML 9.9\n---\na: b")
@example(text="%TAG ! x\n---\n!a b")
@example(text="? - a\n: b")
@example(text="<<: 1\n")
@example(text="a: !!binary x\nb: !!set {a}\nc: !!timestamp z\n")
@example(text="a: >9\n x")
def test_load_spec_never_breaks_on_any_text(text: str | bytes, tmp_path: Path) -> None:
    path = write(tmp_path / "spec.yaml", text)
    with pytest.raises(SpecError) as caught:
        load_spec(path)
    assert caught.value.findings


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_load_spec_never_breaks_on_a_damaged_spec(data: st.DataObject, tmp_path: Path) -> None:
    text = (ENVIRONMENTS / "dev.yaml").read_text(encoding="utf-8")
    start = data.draw(st.integers(0, len(text)))
    end = min(len(text), start + data.draw(st.integers(0, 30)))
    damaged = text[:start] + data.draw(st.text(max_size=8)) + text[end:]
    path = write(tmp_path / "spec.yaml", damaged.encode("utf-8", errors="surrogatepass"))
    with contextlib.suppress(SpecError):  # anything else that is raised fails the test
        load_spec(path)
