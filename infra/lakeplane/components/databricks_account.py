"""The way into a Databricks account, which components with `databricks_provider = "account"` take."""

from __future__ import annotations

import pulumi_databricks as databricks

__all__ = ["account_provider"]

# Microsoft Learn, "Azure Databricks account console": one address for all accounts on Azure.
_ACCOUNTS = "https://accounts.azuredatabricks.net"


def account_provider(account_id: str) -> databricks.Provider:
    """Register the provider `account`; who deploys needs the role account admin."""
    return databricks.Provider("account", host=_ACCOUNTS, account_id=account_id)
