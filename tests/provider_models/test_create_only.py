"""The create-only table: every path exists in the SDK, and what cites its words is written there."""

from __future__ import annotations

import inspect
import re

import pytest

from lakeplane.provider_models.create_only import _SDK, _TABLE, create_only_inputs, must_replace
from lakeplane.provider_models.sdk_types import args_class, fields

CREATE_ONLY_WORDS = re.compile(
    r"cannot be (updated|changed)|forces creation|not allowed to changed once|only be set at the time"
    r"|can only be set at cluster creation|may not be changed after creation",
    re.IGNORECASE,
)

ENTRIES = [
    (token, path, one.source) for token, known in _TABLE.items() for one in known for path in one.paths
]
CITED = [(token, path) for token, path, source in ENTRIES if source == _SDK]


def find(token: str, path: str) -> tuple[type[object], str]:
    """Return the SDK's class that has the last part of a path, and its Python name."""
    cls = args_class(token)
    *outer, last = path.split(".")
    for name in outer:
        field = next(field for field in fields(cls).values() if field.wire == name)
        assert field.element is not None
        cls = field.element
    return cls, next(field.python for field in fields(cls).values() if field.wire == last)


@pytest.mark.parametrize(("token", "path", "source"), ENTRIES)
def test_every_path_is_an_input(token: str, path: str, source: str) -> None:
    assert find(token, path)
    assert source


@pytest.mark.parametrize(("token", "path"), CITED)
def test_what_cites_the_sdk_is_written_there(token: str, path: str) -> None:
    cls, name = find(token, path)
    documentation = inspect.getdoc(cls.__init__) or ""
    described = re.search(
        rf":param pulumi\.Input\[.*?\] {name}: (.*?)(?=\n:param|\Z)", documentation, re.DOTALL
    )
    assert described
    assert CREATE_ONLY_WORDS.search(" ".join(described[1].split()))


def test_names_and_places_of_azure_resources_replace() -> None:
    account = "azure-native:storage:StorageAccount"
    assert must_replace(account, "accountName")
    assert must_replace(account, "resourceGroupName")
    assert must_replace(account, "location")
    assert must_replace(account, "tags.owner") is False
    assert must_replace(account, "encryption.requireInfrastructureEncryption")
    assert must_replace(account, "encryption.keySource") is False
    assert must_replace("azure-native:network:Subnet", "virtualNetworkName")
    assert must_replace("azure-native:resources:ResourceGroup", "location")


def test_what_lies_inside_a_create_only_object_replaces() -> None:
    assert must_replace("databricks:index/instancePool:InstancePool", "azureAttributes.availability")
    assert must_replace("databricks:index/instancePool:InstancePool", "preloadedSparkVersions[0]")
    assert must_replace("databricks:index/instancePool:InstancePool", "maxCapacity") is False
    assert must_replace("kubernetes:apps/v1:Deployment", "spec.selector.matchLabels.app")
    assert must_replace("kubernetes:core/v1:Service", "metadata.namespace")


def test_jobs_and_policies_change_in_place() -> None:
    assert create_only_inputs("databricks:index/job:Job") == ()
    assert must_replace("databricks:index/clusterPolicy:ClusterPolicy", "definition") is False


def test_nobody_guesses_about_an_unknown_type() -> None:
    assert create_only_inputs("databricks:index/defaultNamespaceSetting:DefaultNamespaceSetting") is None
    assert must_replace("azure-native:sql:Server", "location") is None
