"""Workspaces that are open have a list of who may enter.

Switched on without a list, IP access lists let everybody in.

Anti-pattern:

    WorkspaceConf("conf", custom_config={"enableIpAccessLists": "true"})

Best practice:

    IpAccessList("office", list_type="ALLOW", ip_addresses=["203.0.113.0/24"], enabled=True)

Documents: Microsoft Learn, "Configure IP access lists for workspaces".
"""

from collections.abc import Iterator
from dataclasses import replace

from lakeplane_policies.conditions import unknown
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.stack import Resource, Stack
from lakeplane_policies.tokens import IP_ACCESS_LIST, WORKSPACE_CONF


def _judge(stack: Stack, settings: Settings) -> Iterator[Violation]:
    if settings.access_mode != "allow_list":
        return
    for conf in stack.of(WORKSPACE_CONF):
        lists = [_allows(one) for one in stack.of(IP_ACCESS_LIST)]
        if True not in lists:
            if State.UNKNOWN in lists:
                yield replace(unknown(), urn=conf.urn)
            else:
                yield Violation((), "no IpAccessList of the stack lets anybody in by name", urn=conf.urn)


def _allows(one: Resource) -> bool | State:
    kind, on = read(one.inputs, "listType"), read(one.inputs, "enabled")
    if State.UNKNOWN in (kind, on):
        return State.UNKNOWN
    return kind == "ALLOW" and on is not False


RULE = Rule(
    code="DB011",
    title="workspaces that are open have a list of who may enter",
    types=(WORKSPACE_CONF,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes="private: no list is needed; allow_list: an enabled list of type ALLOW",
    judge_stack=_judge,
    remedy="add an IpAccessList of type ALLOW, enabled",
    sources=(
        "SAT NS-5",
        "SAT NS-7",
    ),
)
