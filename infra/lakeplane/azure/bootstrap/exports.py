"""What the engine needs to know of a bootstrap: its backend and its secrets provider."""

from __future__ import annotations

import shlex

from lakeplane.azure.bootstrap.plan import BootstrapPlan
from lakeplane.azure.bootstrap.steps import az_command

__all__ = ["backend_url", "exports_of", "people_commands", "secrets_provider", "stack_commands"]


def backend_url(plan: BootstrapPlan) -> str:
    """Return the address of the backend."""
    return f"azblob://{plan.names.container}?storage_account={plan.names.state_account}"


def secrets_provider(plan: BootstrapPlan) -> str:
    """Return the address of the key that encrypts secrets in the state."""
    return f"azurekeyvault://{plan.names.key_vault}.vault.azure.net/keys/{plan.names.key}"


def exports_of(plan: BootstrapPlan) -> dict[str, str]:
    """Return the variables under which Pulumi finds backend and key; none of them is secret."""
    return {
        # Signs in to storage and vault by azure-identity's chain, never by a key of the account.
        "AZURE_STORAGE_ACCOUNT": plan.names.state_account,
        "PULUMI_BACKEND_URL": backend_url(plan),
    }


def stack_commands(plan: BootstrapPlan) -> tuple[str, ...]:
    """Return the commands that make the stacks, once, with the key as their secrets provider."""
    provider = shlex.quote(f"--secrets-provider={secrets_provider(plan)}")
    return tuple(f"pulumi stack init {stack} {provider}" for stack in plan.subject.stacks)


def people_commands(plan: BootstrapPlan) -> tuple[str, ...]:
    """Return the commands that let a person use state and key; being owner of the accounts does not."""
    who = "$(az ad signed-in-user show --query id -o tsv)"
    commands = [
        az_command("role", "assignment", "create", role=role, scope=scope)
        for role, scope in (
            ("Storage Blob Data Contributor", plan.ids.container),
            ("Key Vault Crypto User", plan.ids.key),
        )
    ]
    return tuple(
        f'{command} --assignee-object-id "{who}" --assignee-principal-type User' for command in commands
    )
