"""What the simulated Azure Monitor refuses of settings beside others."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import GROUP, SUBSCRIPTION, VAULT

if TYPE_CHECKING:
    from .conftest import Cloud

RG = f"/subscriptions/{SUBSCRIPTION}/resourceGroups"
SETTING = "azure-native:monitor:DiagnosticSetting"
VAULT_ID = f"{RG}/rg-test/providers/Microsoft.KeyVault/vaults/kv-test"


def setting(name: str, workspace: str, *categories: str) -> dict[str, Any]:
    logs = [{"category": one, "enabled": True} for one in categories]
    return {
        "name": name,
        "resourceUri": VAULT_ID,
        "workspaceId": f"{RG}/rg-far/providers/Microsoft.OperationalInsights/workspaces/{workspace}",
        "logs": logs or [{"categoryGroup": "allLogs", "enabled": True}],
    }


@pytest.fixture
def vault(cloud: Cloud) -> Cloud:
    cloud.create("azure-native:resources:ResourceGroup", "group", GROUP)
    cloud.create("azure-native:keyvault:Vault", "vault", VAULT)
    cloud.create(SETTING, "own", setting("audit", "log-own"))
    return cloud


def test_a_log_goes_to_one_place_once(vault: Cloud, refused: Callable[..., str]) -> None:
    refused(lambda: vault.create(SETTING, "a", setting("again", "LOG-OWN")), "already used")
    refused(lambda: vault.create(SETTING, "a", setting("again", "log-own", "AuditEvent")), "'AuditEvent'")
    assert vault.create(SETTING, "a", setting("siem", "log-siem", "AuditEvent"))[0]
    assert vault.create(SETTING, "b", setting("rest", "log-siem", "AzurePolicyEvaluationDetails"))[0]
    refused(lambda: vault.create(SETTING, "c", setting("all", "log-siem")), "already used")


def test_a_resource_takes_five_settings(vault: Cloud, refused: Callable[..., str]) -> None:
    for number in range(4):
        vault.create(SETTING, f"s{number}", setting(f"s{number}", f"log-{number}"))
    refused(lambda: vault.create(SETTING, "more", setting("more", "log-more")), "takes no more")
