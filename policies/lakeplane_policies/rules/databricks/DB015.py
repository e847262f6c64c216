"""Personal access tokens are made by nobody, or by whom somebody named.

Anybody in the workspace may make tokens unless it is said who may. A token works without the second factor
that signing in asks for.

Anti-pattern:

    WorkspaceConf("conf", custom_config={"enableTokensConfig": "true"})

Best practice:

    WorkspaceConf("conf", custom_config={"enableTokensConfig": "false"})

Documents: Microsoft Learn, "Manage personal access token permissions".
"""

from collections.abc import Iterator
from dataclasses import replace

from lakeplane_policies.conditions import NOT_SET, show, unknown
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.stack import Resource, Stack
from lakeplane_policies.tokens import WORKSPACE_CONF

_PERMISSIONS = "databricks:index/permissions:Permissions"


def _judge(stack: Stack, settings: Settings) -> Iterator[Violation]:
    del settings
    named = any(_names_makers(one) for one in stack.of(_PERMISSIONS))
    for conf in stack.of(WORKSPACE_CONF):
        tokens = read(conf.inputs, "customConfig.enableTokensConfig")
        path = ("customConfig", "enableTokensConfig")
        if tokens == "false" or named:
            continue
        if tokens is State.UNKNOWN:
            yield replace(unknown(*path), urn=conf.urn)
        else:
            yield Violation(path, NOT_SET if tokens is State.ABSENT else show(tokens), urn=conf.urn)


def _names_makers(one: Resource) -> bool:
    makers = read(one.inputs, "accessControls")
    everybody = isinstance(makers, list) and any(read(maker, "groupName") == "users" for maker in makers)
    return read(one.inputs, "authorization") == "tokens" and isinstance(makers, list) and not everybody


RULE = Rule(
    code="DB015",
    title="personal access tokens are made by nobody, or by whom somebody named",
    types=(WORKSPACE_CONF,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge_stack=_judge,
    remedy='set enableTokensConfig to "false", or add Permissions with authorization "tokens"',
    sources=(
        "SAT IA-8",
        "MCSB IM-1",
    ),
)
