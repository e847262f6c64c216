"""Small programs, small projects, and previews that several tests look at."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lakeplane.costs import QuotaNeed
from lakeplane.costs.quota_model import QuotaShare
from lakeplane.diagnostics import Diagnostic, Location, Severity
from lakeplane.layout import ProjectLayout, find_project
from lakeplane.preview import BaseLabel, Change, Preview, PreviewedResource, preview_environment
from lakeplane.preview.base import BaseLayer
from lakeplane.preview.changes import LayerChanges, compare_layer
from lakeplane.preview.differences import differences
from lakeplane.preview.newness import Known
from lakeplane.render import Graph, Resource, render

STACK = "dev.foundation"
PREFIX = f"urn:pulumi:{STACK}::shop::"
VAULT = "azure-native:keyvault:Vault"
ACCOUNT = "azure-native:storage:StorageAccount"
GROUP = "azure-native:resources:ResourceGroup"
IDENTITY = "azure-native:managedidentity:UserAssignedIdentity"
ROLE = "azure-native:authorization:RoleAssignment"
UNKNOWN = {"$unknown": True}

REPOSITORY = find_project(Path(__file__).parent)


def made(token: str, name: str, inputs: Mapping[str, Any] | None = None, **more: Any) -> Resource:
    """Return a resource of a stack without parents."""
    given = {"custom": True, "inputs": inputs or {}, **more}
    return Resource(f"{PREFIX}{token}::{name}", token, name, **given)


def urn(token: str, name: str) -> str:
    return f"{PREFIX}{token}::{name}"


def as_layer(resources: Sequence[Resource], **more: Any) -> BaseLayer:
    return BaseLayer({one.urn: one for one in resources}, **more)


def compare(before: Sequence[Resource] | BaseLayer, after: Sequence[Resource]) -> LayerChanges:
    layer = before if isinstance(before, BaseLayer) else as_layer(before)
    return compare_layer("foundation", after, layer)


def changes_of(before: Sequence[Resource] | BaseLayer, after: Sequence[Resource]) -> dict[str, str]:
    """Return what happens to each resource, by name."""
    return {one.resource.name: one.change.value for one in compare(before, after).resources}


def rendered(program: Callable[[], object]) -> Graph:
    """Render a program of a test."""

    def run() -> None:
        program()

    return render(run, project="shop", stack=STACK)


def git(root: Path, *arguments: str) -> str:
    """Run git in a repository of a test, as nobody in particular."""
    identity = (
        "-c",
        "user.name=nobody",
        "-c",
        "user.email=nobody@contoso.example",
        "-c",
        "commit.gpgsign=false",
    )
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def commit_all(root: Path, message: str = "change") -> str:
    """Commit everything as it is, and return the commit."""
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(root, "rev-parse", "HEAD").strip()


@pytest.fixture(scope="session")
def project() -> ProjectLayout:
    return REPOSITORY


@pytest.fixture(scope="session")
def local(project: ProjectLayout) -> Preview:
    """The environment `local`, without a base."""
    return preview_environment(project.environments / "local.yaml")


@pytest.fixture(scope="session")
def aligned(project: ProjectLayout) -> Preview:
    """The example that follows Azure's Well-Architected Framework, without a base."""
    return preview_environment(project.environments / "examples" / "waf_aligned.yaml")


HOSTILE = (
    "<script>alert(1)</script>",
    "</code></td></table></details><img src=x onerror=alert(1)>",
    "@octocat please look, fixes #1 and GH-2",
    "[click](https://evil.example) ![x](https://evil.example/p.png)",
    "https://evil.example www.evil.example mail@evil.example",
    "`` ` ``` ~~~\n```\n# heading\n| a | b |\n|---|---|",
    "]]>--><!-- --!> {{ 7*7 }} {% raw %} \\u003c/script\\u003e",
    "\u202edesrever\u2066 \u200bzero \u2028line \x1b[31mred\x07 \x00nul",
    "a|b\\|c **bold** _it_ ~~gone~~ :smile: &lt;b&gt; &#64;octocat",
    "'\"; DROP TABLE resources; --",
)


@pytest.fixture(scope="session")
def hostile() -> Preview:
    """Return a preview in which every name, value and finding is somebody's attempt to break out of it."""
    resources = []
    for number, text in enumerate(HOSTILE):
        before = made(VAULT, f"{text}{number}", {"vaultName": text, text: {"a": [text, {"$secret": "x"}]}})
        after = replace(before, inputs={"vaultName": text * 2, text: {"a": [text * 2, {"$secret": "y"}]}})
        found = tuple(replace(one, replaces=True) for one in differences(before.inputs, after.inputs))
        resources.append(PreviewedResource(text, after, Change.REPLACE, found, (text,), former_urn=text))
        resources.append(
            PreviewedResource(text, made(ACCOUNT, f"{text}!{number}"), Change.DELETE, (), (text,))
        )
    findings = tuple(
        Diagnostic("AB001", text, severity, text, text, (text, 0), Location(text, 1, 1), text)
        for text in HOSTILE
        for severity in Severity
    )
    return Preview(
        environment=HOSTILE[0],
        layers=HOSTILE,
        resources=tuple(resources),
        findings=findings,
        base=BaseLabel("git", HOSTILE[2], "f" * 40),
        known=Known(()),
        quota=(
            QuotaNeed(
                name=HOSTILE[0],
                scope=HOSTILE[5],
                unit=HOSTILE[2],
                by=(QuotaShare(resource="urn", needed=1, how=HOSTILE[3]),),
                source=HOSTILE[4],
            ),
        ),
    )
