"""No input of a resource holds a secret in clear.

What stands in an input lies in Pulumi's state, in previews, in the activity log, and with all who may read
any of them. Looked for are forms that services give to their own secrets: keys in connection strings,
signatures, tokens, private keys.

A value that isn't known yet is looked at when it is, during the update.

Anti-pattern:

    Component("app", connection_string=f"AccountKey={key}")

Best practice:

    Component("app", key_vault_secret_id=secret.id)

Documents: Microsoft Learn, "Best practices for protecting secrets"; Pulumi, "Secrets handling".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.credentials import looks_like_a_secret
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Path, Rule, Violation
from lakeplane_policies.settings import Settings


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    del settings
    yield from _search(inputs, ())


def _search(value: Any, path: Path) -> Iterator[Violation]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _search(item, (*path, str(key)))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _search(item, (*path, index))
    elif looks_like_a_secret(value):
        yield Violation(path, "it looks like a secret")  # which nobody repeats


RULE = Rule(
    code="RS004",
    title="no input of a resource holds a secret in clear",
    types=("*",),
    impact=Impact.CRITICAL,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy="give an identity a role, or the resource a reference to a secret in a vault",
    sources=(
        "PSRule Azure.Deployment.SecureParameter",
        "MCSB IM-8",
    ),
)
