"""Kubernetes manifests of a preview, as an API server would take them."""

from __future__ import annotations

import base64

import kubernetes_validate
import pytest
import yaml

from lakeplane.preview import Change, Preview, PreviewedResource
from lakeplane.preview.manifests import to_manifests, write_manifests
from lakeplane.render import Resource

from .conftest import UNKNOWN, made


def preview(*resources: Resource, change: Change = Change.CREATE) -> Preview:
    return Preview(
        "dev", ("contents",), tuple(PreviewedResource("contents", one, change) for one in resources)
    )


@pytest.mark.parametrize("name", ["local", "aligned"])
def test_a_whole_environment_is_valid(name: str, request: pytest.FixtureRequest) -> None:
    found: Preview = request.getfixturevalue(name)
    documents = list(yaml.safe_load_all(write_manifests(to_manifests(found))))
    assert len(documents) == sum(
        one.is_managed and one.resource.package == "kubernetes" for one in found.resources
    )
    for document in documents:
        kubernetes_validate.validate(document, "1.31", strict=True)
        assert list(document)[:3] == ["apiVersion", "kind", "metadata"]


def test_unknowns_and_secrets_have_stand_ins() -> None:
    secret = made(
        "kubernetes:core/v1:Secret",
        "keys",
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"annotations": {"client": dict(UNKNOWN)}},
            "data": {"key": {"$secret": "canary-of-this-test"}},
            "stringData": {"other": {"$secret": "canary-of-this-test"}, "open": "o"},
        },
    )
    (document,) = to_manifests(preview(secret))
    assert document["metadata"] == {"annotations": {"client": "known-after-update"}, "name": "keys"}
    assert base64.b64decode(document["data"]["key"]) == b"secret"
    assert document["stringData"] == {"open": "o", "other": "secret"}
    assert "canary" not in write_manifests([document])
    kubernetes_validate.validate(document, "1.31", strict=True)


def test_only_what_will_be_there_is_written() -> None:
    space = made("kubernetes:core/v1:Namespace", "space", {"apiVersion": "v1", "kind": "Namespace"})
    assert to_manifests(preview(space, change=Change.DELETE)) == []
    assert to_manifests(preview(made("databricks:index/job:Job", "job"))) == []
    assert write_manifests([]) == ""


def test_texts_stay_texts() -> None:
    odd = {"yes": "no", "number": "0123", "lines": "a\nb: c\n--- x", "brace": "{a: b}"}
    inputs = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "odd"}, "data": odd}
    (document,) = yaml.safe_load_all(
        write_manifests(to_manifests(preview(made("kubernetes:core/v1:ConfigMap", "odd", inputs))))
    )
    assert document["data"] == odd
