"""Nobody may change or own what everybody runs.

Whoever may manage a job, a policy or a cluster may make it do anything, as whoever it runs as.

Anti-pattern:

    PermissionsAccessControlArgs(group_name="users", permission_level="CAN_MANAGE")

Best practice:

    PermissionsAccessControlArgs(group_name="data-engineers", permission_level="CAN_MANAGE_RUN")

Documents: Microsoft Learn, "Access control lists".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import NOT_SET, every, must
from lakeplane_policies.rule import ALIKE, BEFORE_PROD, Impact, Rule, Violation
from lakeplane_policies.settings import Settings


def _judge(control: Any, settings: Settings) -> Iterator[Violation]:
    yield from must("permissionLevel", lambda level: level not in ("CAN_MANAGE", "IS_OWNER"))(
        control, settings
    )


RULE = Rule(
    code="DB032",
    title="nobody may change or own what everybody runs",
    types=("databricks:index/permissions:Permissions",),
    impact=Impact.HIGH,
    tiers=BEFORE_PROD,
    modes=ALIKE,
    judge=every("accessControls", _judge, absent=NOT_SET),
    remedy="give CAN_USE, CAN_VIEW, CAN_RUN or CAN_MANAGE_RUN; let the program manage",
    sources=(
        "SAT GOV-45",
        "MCSB PA-7",
    ),
)
