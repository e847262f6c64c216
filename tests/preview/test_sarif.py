"""Findings for code scanning and as workflow annotations, each beside a line of the project."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from lakeplane.diagnostics import Diagnostic, Location, Severity
from lakeplane.preview import Preview, PreviewedResource
from lakeplane.preview.annotations import to_annotations
from lakeplane.preview.newness import Known, finding_key
from lakeplane.preview.places import place_findings
from lakeplane.preview.sarif import to_sarif

from .conftest import VAULT, made, urn


@pytest.fixture
def found(tmp_path: Path) -> Preview:
    spec = tmp_path / "stacks" / "environments" / "dev.yaml"
    spec.parent.mkdir(parents=True)
    spec.write_text("name: dev\nserving:\n  model: m\n")
    source = f"{tmp_path}/infra/vault.py:12"
    return Preview(
        "dev",
        ("foundation",),
        (PreviewedResource("foundation", made(VAULT, "vault", source=source)),),
        findings=(
            Diagnostic(
                "KV001",
                "purge protection is on",
                detail="it is not set",
                remedy="set it",
                resource=urn(VAULT, "vault"),
            ),
            Diagnostic(
                "SPC010", "unknown key", location=Location(str(spec), 3, 5), path=("serving", "modle")
            ),
            Diagnostic("SRV010", "no image", Severity.NOTE, path=("serving", "image")),
            Diagnostic("PRV003", "no cost", Severity.WARNING),
            Diagnostic("KV002", "elsewhere", resource="urn:of:nothing::known"),
        ),
        spec=spec,
        root=tmp_path,
    )


def test_a_finding_stands_where_somebody_can_change_it(found: Preview) -> None:
    places = {finding.code: str(place) for finding, place in place_findings(found)}
    assert places == {
        "KV001": "infra/vault.py:12:1",
        "KV002": "stacks/environments/dev.yaml:1:1",
        "PRV003": "stacks/environments/dev.yaml:1:1",
        "SPC010": "stacks/environments/dev.yaml:3:5",
        "SRV010": "stacks/environments/dev.yaml:2:1",
    }


def test_a_place_outside_of_the_project_is_no_help(found: Preview) -> None:
    (resource,) = found.resources
    elsewhere = replace(resource, resource=replace(resource.resource, source="/usr/lib/python/vault.py:12"))
    places = dict(place_findings(replace(found, resources=(elsewhere,))))
    assert str(places[found.findings[0]]) == "stacks/environments/dev.yaml:1:1"
    assert dict(place_findings(replace(found, spec=None, root=None)))[found.findings[3]] is None


def test_the_program_says_where_it_makes_a_resource(local: Preview) -> None:
    sources = {one.resource.name: one.resource.source for one in local.resources}
    assert re.search(r"infra/lakeplane/components/data_lake\.py:\d+$", sources["lake-account"] or "")


def test_sarif_is_as_code_scanning_takes_it(found: Preview) -> None:
    document = to_sarif(found)
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == sorted(set(rules)) == ["KV001", "KV002", "PRV003", "SPC010", "SRV010"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert result["message"]["text"]
        (location,) = result["locations"]
        physical = location["physicalLocation"]
        assert not physical["artifactLocation"]["uri"].startswith("/")
        assert physical["region"]["startLine"] >= 1
        assert "baselineState" not in result
    first = run["results"][0]
    assert first["message"]["text"] == "purge protection is on: it is not set. Remedy: set it"
    assert first["locations"][0]["logicalLocations"] == [
        {"fullyQualifiedName": urn(VAULT, "vault"), "kind": "resource"}
    ]


def test_with_a_base_every_result_says_whether_it_is_new(found: Preview) -> None:
    known = Known((finding_key(found.findings[0]),))
    results = to_sarif(replace(found, known=known))["runs"][0]["results"]
    assert [one["baselineState"] for one in results] == ["unchanged", "new", "new", "new", "new"]


def test_a_finding_is_known_again_when_lines_move(found: Preview) -> None:
    (resource,) = found.resources
    moved = replace(resource, resource=replace(resource.resource, source=f"{found.root}/infra/vault.py:99"))
    prints = [
        [one["partialFingerprints"] for one in to_sarif(each)["runs"][0]["results"]]
        for each in (found, replace(found, resources=(moved,)))
    ]
    assert prints[0] == prints[1]
    assert len({one["lakeplane/v1"] for one in prints[0]}) == 5


def test_annotations_are_one_command_a_line(found: Preview) -> None:
    lines = to_annotations(found).splitlines()
    assert [line.split(" ")[0] for line in lines] == [
        "::error",
        "::error",
        "::error",
        "::warning",
        "::notice",
    ]
    assert lines[0] == (
        "::error col=1,file=infra/vault.py,line=12,title=KV001 purge protection is on::"
        f"{urn(VAULT, 'vault')}%0Ait is not set%0Aremedy: set it"
    )


def test_no_text_becomes_a_command(hostile: Preview) -> None:
    lines = to_annotations(hostile).splitlines()
    assert len(lines) == len(hostile.findings)
    assert all(re.fullmatch(r"::(error|warning|notice) [^\r\n]*?::[^\r\n]*", line) for line in lines)
    for line in lines:
        properties = line.split(" ", 1)[1].partition("::")[0]
        assert [part.partition("=")[0] for part in properties.split(",")] == ["col", "file", "line", "title"]
