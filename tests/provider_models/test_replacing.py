"""What holds data, and how providers replace."""

from __future__ import annotations

import pytest

from lakeplane.provider_models import stateful
from lakeplane.provider_models.replacing import HOSTS, config_must_replace, deletes_before_replacing
from lakeplane.provider_models.sdk_types import resource_class
from lakeplane.provider_models.stateful import held_by, holding


@pytest.mark.parametrize("token", sorted(stateful._TABLE))
def test_what_holds_data_exists_and_has_a_source(token: str) -> None:
    assert resource_class(token)
    found = holding(token)
    assert found is not None
    assert found.what == held_by(token)
    assert found.source


def test_what_can_be_made_again_holds_nothing() -> None:
    assert held_by("azure-native:network:Subnet") == ""
    assert holding("databricks:index/job:Job") is None


def test_providers_are_replaced_as_their_sources_say() -> None:
    kubernetes = "pulumi:providers:kubernetes"
    same = {"clusterIdentifier": "c"}
    assert config_must_replace("pulumi:providers:azure-native", "subscriptionId", {}, {}) is False
    assert config_must_replace("pulumi:providers:databricks", "host", {}, {}) is False
    assert config_must_replace(kubernetes, "kubeconfig", same, same) is False
    assert config_must_replace(kubernetes, "kubeconfig", {}, {}) is True
    assert (
        config_must_replace(kubernetes, "kubeconfig", same, {"clusterIdentifier": {"$unknown": True}}) is True
    )
    assert config_must_replace(kubernetes, "clusterIdentifier", same, {"clusterIdentifier": "d"}) is True
    assert config_must_replace(kubernetes, "enableServerSideApply", {}, {}) is None
    assert config_must_replace("pulumi:providers:aws", "region", {}, {}) is None


def test_azure_and_kubernetes_delete_first() -> None:
    assert deletes_before_replacing("azure-native:storage:StorageAccount")
    assert deletes_before_replacing("kubernetes:core/v1:Service")
    assert not deletes_before_replacing("databricks:index/job:Job")


def test_hosts_exist() -> None:
    assert all(resource_class(token) for token in HOSTS.values())
