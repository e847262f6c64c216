"""Whether enough cores are left of each quota family in the region."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lakeplane.azure.errors import AzureError
from lakeplane.azure.preflight.results import Result, State, not_checked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lakeplane.azure.client import Client
    from lakeplane.azure.preflight.needs import CoresNeeded, Needs
    from lakeplane.azure.sign_in import Caller

__all__ = ["check_quota", "plain"]

_TOTAL = "cores"  # Compute's own name of the limit over all families
_UNLIMITED = -1


@dataclass(frozen=True, slots=True)
class _Usage:
    used: int
    limit: int

    @property
    def left(self) -> int:
        return self.limit - self.used


def plain(name: str) -> str:
    """Reduce a family's name to what its spellings share.

    Azure writes `standardDDSv5Family`, `Standard NCASv3_T4 Family` and, for Azure ML, `Standard DDSv5 Family
    Cluster Dedicated vCPUs`.
    """
    bare = re.sub(r"[^a-z0-9]", "", name.lower())
    return bare.removesuffix("clusterdedicatedvcpus")


def check_quota(client: Client, needs: Needs, caller: Caller) -> tuple[Result, ...]:
    """Compare what is left with what the plan takes, for virtual machines and for Azure ML."""
    del caller
    try:
        grown = client.find(needs.resource_group_id, "2021-04-01") is not None
    except AzureError:
        grown = False
    return (
        *_machines(client, needs, grown=grown),
        *_learning(client, needs, grown=grown),
    )


def _machines(client: Client, needs: Needs, *, grown: bool) -> Iterator[Result]:
    wanted = [one for one in needs.cores if not one.machine_learning]
    if not wanted:
        return
    path = (
        f"/subscriptions/{needs.subscription_id}/providers/Microsoft.Compute/locations/{needs.region}/usages"
    )
    try:
        usages = _read(client.list(path, "2024-07-01"))
    except AzureError as error:
        yield not_checked("quota", "virtual machine cores", error)
        return
    yield from _compare(wanted, usages, needs, grown=grown)
    total = usages.get(_TOTAL)
    least, most = sum(one.least for one in wanted), sum(one.most for one in wanted)
    yield _judge("all families", total, least, most, "everything above", needs, grown=grown)


def _learning(client: Client, needs: Needs, *, grown: bool) -> Iterator[Result]:
    wanted = [one for one in needs.cores if one.machine_learning]
    if not wanted:
        return
    path = (
        f"/subscriptions/{needs.subscription_id}/providers/Microsoft.MachineLearningServices"
        f"/locations/{needs.region}/usages"
    )
    try:
        families = [
            one
            for one in client.list(path, "2024-04-01")
            # Low-priority cores and single workspaces have lines of their own, under the same names.
            if str(one.get("type", "")).endswith("/vmFamily/usages")
            and "dedicated" in str((one.get("name") or {}).get("value", "")).lower()
        ]
    except AzureError as error:
        yield not_checked("quota", "Azure ML cores", error)
        return
    yield from _compare(wanted, _read(families), needs, grown=grown)


def _read(lines: Iterable[Mapping[str, Any]]) -> dict[str, _Usage]:
    return {
        plain(str((line.get("name") or {}).get("value", ""))): _Usage(
            int(line.get("currentValue") or 0), int(line.get("limit") or 0)
        )
        for line in lines
    }


def _compare(
    wanted: Sequence[CoresNeeded], usages: Mapping[str, _Usage], needs: Needs, *, grown: bool
) -> Iterator[Result]:
    for one in wanted:
        name = f"{one.family}, Azure ML" if one.machine_learning else one.family
        yield _judge(name, usages.get(plain(one.family)), one.least, one.most, one.uses, needs, grown=grown)


def _judge(
    name: str, usage: _Usage | None, least: int, most: int, uses: str, needs: Needs, *, grown: bool
) -> Result:
    if usage is None:
        error = AzureError(200, "NoSuchFamily", f"Azure lists no such family in {needs.region}")
        return not_checked("quota", name, error)
    asked = f"{least} to {most} for {uses}" if most > least else f"{least} for {uses}"
    if usage.limit == _UNLIMITED:
        return Result(
            code="PRF040", area="quota", subject=name, state=State.OK, found=f"no limit; needs {asked}"
        )
    # Once the environment is up its own machines are among those used, and only growing takes more.
    state = State.OK if usage.left >= most else State.SHORT if grown or usage.left >= least else State.MISSING
    return Result(
        code="PRF040",
        area="quota",
        subject=name,
        state=state,
        found=f"{usage.left} of {usage.limit} cores left, needs {asked}",
        remedy=""
        if state is State.OK
        else f"request {usage.used + most} cores of this family in {needs.region} (portal: Quotas), choose "
        "sizes of another family, or lower the spec's largest counts",
    )
