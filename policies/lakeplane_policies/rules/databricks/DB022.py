"""No script runs on every cluster.

A global init script is root on every node of the workspace, of whoever may write it.

Anti-pattern:

    GlobalInitScript("agent", content_base64=script, enabled=True)

Best practice:

    WorkspaceConf("conf", custom_config={"enableDeprecatedGlobalInitScripts": "false"})

Documents: Microsoft Learn, "Use global init scripts".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import must_be
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import WORKSPACE_CONF

_OFF = must_be("customConfig.enableDeprecatedGlobalInitScripts", "false")
_CONTENT = ("contentBase64", "source")


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    if any(read(inputs, name) is not State.ABSENT for name in _CONTENT):  # a script has one of the two
        yield Violation((), "it is a global init script")
    else:
        yield from _OFF(inputs, settings)


RULE = Rule(
    code="DB022",
    title="no script runs on every cluster",
    types=("databricks:index/globalInitScript:GlobalInitScript", WORKSPACE_CONF),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy='remove the script, and set enableDeprecatedGlobalInitScripts to "false"',
    sources=(
        "SAT INFO-5",
        "SAT GOV-24",
        "SAT GOV-25",
    ),
)
