"""What is kept: storage accounts, vaults, the registry and logs."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lakeplane.costs.billed import Billed, Pricer, at, text, whole
from lakeplane.costs.ledger import HOURS, Ledger
from lakeplane.costs.span import Factor

__all__ = ["PRICERS"]

_DAYS_A_MONTH = HOURS.amount.high / 24
_STORAGE = "Storage"
_LOGS = "Log Analytics"
# Bands of the price of hot blobs, in GB: the first 50 TB, the next 450, and more (price table's notes).
_BANDS = ((51_200, ""), (460_800, "_next_450tb"), (float("inf"), "_over_500tb"))
# Microsoft Learn, "Azure Monitor Logs cost calculations": retention without charge.
_FREE_RETENTION_DAYS = 31
_YEARLY = re.compile(r"P(\d{1,4})([DMY])")
_A_YEAR = {"D": 365, "M": 12, "Y": 1}


def _price_account(ledger: Ledger, billed: Billed) -> None:
    payer = billed.payer()
    gigabytes = billed.assumptions.lake_gb if at(billed.inputs, "isHnsEnabled") is True else None
    if gigabytes is None:
        hint = " (cost.lake_gb)" if at(billed.inputs, "isHnsEnabled") is True else ""
        ledger.leave(payer, "stored data and operations", f"nothing declares how much it holds{hint}")
        return
    performance, _, replication = (text(billed.inputs, "sku", "name") or "").partition("_")
    tier = (text(billed.inputs, "accessTier") or "Hot").lower() if performance == "Standard" else "premium"
    kind = f"{tier}_{replication.lower()}"
    left = gigabytes
    for size, band in _BANDS:
        part = min(left, size)
        if part > 0 or band == "":
            ledger.charge(
                payer,
                f"storage:blob_{kind}_gb_month{band if tier == 'hot' else ''}",
                Factor.of(part if tier == "hot" else left, "GB"),
                service=_STORAGE,
                what=f"stored data, {tier} {replication}",
                note="all in one access tier",
            )
        left -= part
        if tier != "hot":
            break
    ledger.leave(payer, "operations and metadata of the lake", "their number is not known")


def _price_vault(ledger: Ledger, billed: Billed) -> None:
    ledger.leave(billed.payer(), "operations on secrets and keys", "their number is not known")


def _price_key(ledger: Ledger, billed: Billed) -> None:
    payer = billed.payer()
    if (text(billed.inputs, "properties", "kty") or "").endswith("-HSM"):
        ledger.leave(payer, "key in a hardware security module", "no price at hand")
    actions = at(billed.inputs, "properties", "rotationPolicy", "lifetimeActions")
    for action in actions if isinstance(actions, list) else []:
        if text(action, "action", "type") not in ("rotate", "Rotate"):
            continue
        period = _YEARLY.fullmatch(text(action, "trigger", "timeAfterCreate") or "")
        if period is None or int(period[1]) == 0:
            ledger.leave(payer, "rotations of the key", "how often it rotates is not known")
            continue
        rotations = Factor.of(_A_YEAR[period[2]] / int(period[1]) / 12, "rotation")
        ledger.charge(
            payer, "key_vault_key_rotation", rotations, service="Key Vault", what="rotation of the key"
        )


def _price_registry(ledger: Ledger, billed: Billed) -> None:
    tier = text(billed.inputs, "sku", "name") or "of an unknown tier"
    days = Factor.of(_DAYS_A_MONTH, "day")
    ledger.charge(
        billed.payer(),
        f"acr_{tier.lower()}_day",
        days,
        service="Container Registry",
        what=f"registry, {tier}",
    )
    ledger.leave(billed.payer(), "images beyond what the tier includes", "their size is not known")


def _price_replication(ledger: Ledger, billed: Billed) -> None:
    days = Factor.of(_DAYS_A_MONTH, "day")
    service = "Container Registry"
    ledger.charge(
        billed.payer(), "acr_premium_geo_replication_day", days, service=service, what="replication"
    )


def _price_logs(ledger: Ledger, billed: Billed) -> None:
    payer, volume = billed.payer(), billed.assumptions.logs_gb_per_day
    retention = whole(billed.inputs, "retentionInDays")
    if text(billed.inputs, "sku", "name") not in (None, "PerGB2018"):
        ledger.leave(payer, "logs", "prices of this commitment are not at hand")
    elif volume is None:
        ledger.leave(payer, "logs taken in and kept", "nothing declares their volume (cost.logs_gb_per_day)")
    else:
        day = Factor.of(volume, "GB/day")
        days = Factor.of(_DAYS_A_MONTH, "day")
        ledger.charge(payer, "log_analytics_gb", day, days, service=_LOGS, what="logs taken in")
        kept = (retention or 0) - _FREE_RETENTION_DAYS
        if kept > 0:
            paid = Factor.of(kept, "day")
            what = f"logs kept beyond {_FREE_RETENTION_DAYS} days"
            ledger.charge(payer, "log_analytics_retention_gb_month", day, paid, service=_LOGS, what=what)


def _price_insights(ledger: Ledger, billed: Billed) -> None:
    # With a log workspace its telemetry is among that workspace's logs.
    if at(billed.inputs, "workspaceResourceId") is None:
        ledger.leave(billed.payer(), "telemetry", "its volume is not known")


def _price_metrics(ledger: Ledger, billed: Billed) -> None:
    ledger.leave(
        billed.payer(), "metrics taken in and queried", "no price at hand, and samples are not known"
    )


def _price_setting(ledger: Ledger, billed: Billed) -> None:
    if any(at(billed.inputs, key) is not None for key in ("storageAccountId", "eventHubAuthorizationRuleId")):
        ledger.leave(billed.payer(), "platform logs sent out of Azure Monitor", "their volume is not known")


def _price_rule(ledger: Ledger, billed: Billed) -> None:
    ledger.leave(billed.payer(), "log alert, by how often it is evaluated", "no price at hand")


def _price_group(ledger: Ledger, billed: Billed) -> None:
    ledger.leave(billed.payer(), "notifications", "no price at hand, and their number is not known")


PRICERS: Mapping[str, Pricer] = {
    "azure-native:applicationinsights:Component": _price_insights,
    "azure-native:containerregistry:Registry": _price_registry,
    "azure-native:containerregistry:Replication": _price_replication,
    "azure-native:keyvault:Key": _price_key,
    "azure-native:keyvault:Vault": _price_vault,
    "azure-native:monitor:ActionGroup": _price_group,
    "azure-native:monitor:AzureMonitorWorkspace": _price_metrics,
    "azure-native:monitor:DiagnosticSetting": _price_setting,
    "azure-native:monitor:ScheduledQueryRule": _price_rule,
    "azure-native:operationalinsights:Workspace": _price_logs,
    "azure-native:storage:StorageAccount": _price_account,
}
