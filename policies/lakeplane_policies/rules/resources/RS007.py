"""No output of a stack is a secret.

Outputs are read by everybody who may read the stack, by stacks that build on it, and by every job that prints
them. One that is marked as a secret is shown to whoever asks with `--show-secrets`.

Anti-pattern:

    pulumi.export("storage_account_key", keys.primary)

Best practice:

    pulumi.export("storage_account_id", account.id)

Documents: Pulumi, "Stack outputs" and "Secrets handling".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.credentials import is_reference, looks_like_a_secret, names_a_secret
from lakeplane_policies.reading import State
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Path, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.stack import Stack
from lakeplane_policies.tokens import STACK


def _judge(stack: Stack, settings: Settings) -> Iterator[Violation]:
    del settings
    for one in stack.of(STACK):
        for path, value in _texts(dict(one.outputs), ()):
            named = names_a_secret(str(path[-1])) and not is_reference(value)
            # A value that is known later is one all the same; what it looks like shows during the update.
            if named or looks_like_a_secret(value):
                yield Violation(path, f"{path[-1]} looks like a secret", urn=one.urn)


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, (*path, str(key)))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index))
    elif path and isinstance(value, str | State):
        yield path, value


RULE = Rule(
    code="RS007",
    title="no output of a stack is a secret",
    types=(STACK,),
    impact=Impact.CRITICAL,
    tiers=MANDATORY,
    modes=ALIKE,
    judge_stack=_judge,
    remedy="show an id or a name; whoever needs the secret reads it where it is kept",
    sources=("PSRule Azure.Deployment.OutputSecretValue", "MCSB IM-8"),
)
