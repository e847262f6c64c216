"""What an update would do to a layer: each resource compared with what it was in the base."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lakeplane.preview.aliases import Matches, match, parents_first, urn_name
from lakeplane.preview.base import BaseLayer
from lakeplane.preview.differences import Difference, differences
from lakeplane.preview.model import Change, PreviewedResource
from lakeplane.preview.property_paths import parse_path, reset
from lakeplane.preview.replacements import (
    RANK,
    Reason,
    by_dependencies,
    by_provider,
    decide,
    replaces,
    worst,
)
from lakeplane.provider_models.replacing import HOSTS
from lakeplane.provider_models.wire import is_unknown
from lakeplane.render import Resource

__all__ = ["LayerChanges", "compare_layer"]

_STACK = "pulumi:pulumi:Stack"
_MADE_ANEW = (Change.CREATE, Change.IMPORT, Change.MAY_REPLACE, Change.REPLACE)
_NOTHING = BaseLayer()


@dataclass(frozen=True, slots=True)
class LayerChanges:
    """A layer, compared.

    Attributes:
        layer: Its name.
        resources: What happens to each resource, deleted ones among them, by URN.
        matches: What each resource was.
        settled: How many values are known only after the update and taken to stay as they are, though what
            they come from is updated in place.
    """

    layer: str
    resources: tuple[PreviewedResource, ...]
    matches: Matches
    settled: int = 0


@dataclass(frozen=True, slots=True)
class _Pair:
    """A resource that was there, with the URNs of now on both sides."""

    before: Resource
    after: Resource
    differences: tuple[Difference, ...]
    reasons: tuple[Reason, ...]


def compare_layer(
    layer: str,
    after: Sequence[Resource],
    before: BaseLayer | None,
    below: Sequence[PreviewedResource] = (),
) -> LayerChanges:
    """Compare a layer with what it was.

    Args:
        layer: Its name.
        after: What the program registers, secrets sealed as those of `before`.
        before: What there was; None if the layer is new.
        below: What happens to the layers below it.
    """
    before = before or _NOTHING
    after = [one for one in after if one.type != _STACK]
    by_urn = {one.urn: one for one in after}
    matches = match(before.resources, after)
    pairs = {
        urn: _pair(before, urn, by_urn[urn], matches)
        for urn in matches.former
        if not _begins(before.resources[matches.former[urn]], by_urn[urn])
    }
    changes = {one.urn: _first(one, before) for one in after if one.urn not in pairs}
    lost_hosts = {one.resource.type for one in below if one.change in (*_MADE_ANEW[2:], Change.DELETE)}
    outcomes: dict[str, PreviewedResource] = {}
    # A replacement reaches from resource to resource; each pass takes it one step further, never back.
    while True:
        known = dict(changes)
        for one in parents_first(after):
            if one.urn in pairs:
                outcomes[one.urn] = _outcome(layer, pairs[one.urn], by_urn, changes, lost_hosts)
                changes[one.urn] = outcomes[one.urn].change
        if changes == known:
            break
    previewed = [_with_former(outcomes[urn], matches) for urn in pairs]
    previewed += [PreviewedResource(layer, one, changes[one.urn]) for one in after if one.urn not in pairs]
    previewed += _deleted(layer, before, matches, changes)
    moves_below = any(one.is_managed and one.change not in (Change.SAME, Change.READ) for one in below)
    return LayerChanges(
        layer,
        tuple(sorted(previewed, key=lambda one: (one.resource.urn, one.change is Change.DELETE))),
        matches,
        settled=sum(_settled(pair, changes, moves_below=moves_below) for pair in pairs.values()),
    )


def _begins(before: Resource, after: Resource) -> bool:
    """Tell whether a resource begins anew, though its URN was there: it was only read, or is from now on."""
    return before.read or after.read


def _first(resource: Resource, before: BaseLayer) -> Change:
    if resource.read:
        return Change.READ
    if resource.import_id and before.ids.get(resource.urn) != resource.import_id:
        return Change.IMPORT
    return Change.CREATE


def _pair(before: BaseLayer, urn: str, after: Resource, matches: Matches) -> _Pair:
    was = matches.former[urn]
    old = _of_now(before.resources[was], matches)
    inputs = after.inputs
    for path in after.ignore_changes:
        inputs = reset(old.inputs, inputs, parse_path(path))
    after = replace(after, inputs=inputs)
    found = tuple(
        replace(one, replaces=replaces(old, after, one))
        for one in differences(old.inputs, after.inputs)
        if not _is_spelling(after, one)
    )
    reasons: list[Reason] = []
    if was in before.replacing:
        reasons.append((Change.REPLACE, "its replacement was begun and not finished"))
    if was in before.unfinished:
        reasons.append((Change.UPDATE, "it was made and did not come up"))
    return _Pair(old, after, found, tuple(reasons))


def _is_spelling(resource: Resource, difference: Difference) -> bool:
    """Tell whether a location is written in another way: `West Europe` is `westeurope` to azure-native.

    Source: pulumi/pulumi-azure-native, provider/pkg/provider/diff.go: normalizedLocation.
    """
    if difference.path != "location" or resource.package != "azure-native":
        return False
    written = (str(value).replace(" ", "").lower() for value in (difference.before, difference.after))
    return len(set(written)) == 1


def _of_now(resource: Resource, matches: Matches) -> Resource:
    """Return a resource of the base with the URNs that its neighbours have now."""
    return replace(
        resource,
        provider=matches.now.get(resource.provider or "", resource.provider),
        property_dependencies={
            name: tuple(matches.now.get(urn, urn) for urn in urns)
            for name, urns in resource.property_dependencies.items()
        },
    )


def _outcome(
    layer: str,
    pair: _Pair,
    resources: Mapping[str, Resource],
    changes: Mapping[str, Change],
    lost_hosts: Collection[str],
) -> PreviewedResource:
    found = tuple(one for one in pair.differences if not _stays(one, pair.after, changes))
    by_itself = worst(decide(one) for one in found)
    reasons = [
        *pair.reasons,
        *by_provider(pair.before, pair.after, changes),
        *by_dependencies(pair.before, pair.after, resources, changes),
        *_by_host(pair.after, lost_hosts),
    ]
    # What its own inputs do already needs no other reason.
    told = (text for change, text in reasons if RANK.index(change) > RANK.index(by_itself))
    change = worst([by_itself, *(change for change, _ in reasons)])
    return PreviewedResource(layer, pair.after, change, found, tuple(dict.fromkeys(told)))


def _stays(difference: Difference, resource: Resource, changes: Mapping[str, Change]) -> bool:
    """Tell whether an unknown will be what it was: nothing that it comes from is made anew."""
    if not is_unknown(difference.after):
        return False
    return not any(changes.get(source) in _MADE_ANEW for source in _sources(difference, resource))


def _sources(difference: Difference, resource: Resource) -> Sequence[str]:
    return resource.property_dependencies.get(str(difference.keys[0]), resource.dependencies)


def _settled(pair: _Pair, changes: Mapping[str, Change], *, moves_below: bool) -> int:
    """Count the unknowns that stay though something happens to what they come from."""
    moving = {Change.UPDATE, Change.MAY_UPDATE, *([Change.READ] if moves_below else [])}
    return sum(
        _stays(one, pair.after, changes)
        and any(changes.get(source) in moving for source in _sources(one, pair.after))
        for one in pair.differences
    )


def _by_host(resource: Resource, lost_hosts: Collection[str]) -> Iterator[Reason]:
    package = (
        resource.type.split(":")[2] if resource.type.startswith("pulumi:providers:") else resource.package
    )
    if HOSTS.get(package) in lost_hosts:
        kind = HOSTS[package].rpartition(":")[2]
        yield Change.MAY_REPLACE, f"the {kind} that holds it goes or is replaced, in a layer below"


def _with_former(one: PreviewedResource, matches: Matches) -> PreviewedResource:
    was = matches.former[one.resource.urn]
    return replace(one, former_urn=was) if was != one.resource.urn else one


def _deleted(
    layer: str, before: BaseLayer, matches: Matches, changes: Mapping[str, Change]
) -> Iterator[PreviewedResource]:
    kept = set(matches.former.values())
    gone = {
        urn: one
        for urn, one in before.resources.items()
        if urn not in kept and not one.read and not _is_of_the_engine(one)
    }
    for one in gone.values():
        yield PreviewedResource(
            layer, one, Change.DELETE, reasons=tuple(_why_deleted(one, gone, matches, changes))
        )
    for one in before.left_over:
        yield PreviewedResource(layer, one, Change.DELETE, reasons=("left over from an interrupted update",))
    for urn, was in matches.former.items():
        # What was managed is only read from now on: the engine lets go of it by deleting it.
        if changes[urn] is Change.READ and not before.resources[was].read:
            reasons = ("from now on it is only read",)
            yield PreviewedResource(layer, before.resources[was], Change.DELETE, reasons=reasons)


def _is_of_the_engine(resource: Resource) -> bool:
    """Tell whether it is a default provider, which the engine makes and no program registers."""
    return resource.type.startswith("pulumi:providers:") and resource.name.startswith("default")


def _why_deleted(
    resource: Resource, gone: Collection[str], matches: Matches, changes: Mapping[str, Change]
) -> Iterator[str]:
    if resource.retain_on_delete:
        yield "it stays in the cloud"
    host = resource.deleted_with
    if host and (host in gone or changes.get(matches.now.get(host, host)) is Change.REPLACE):
        yield f"it goes with {urn_name(host)}"
