"""Whether a change replaces a resource: by its own inputs, its provider, and what it depends on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lakeplane.preview.aliases import urn_name, urn_type
from lakeplane.preview.differences import Difference
from lakeplane.preview.model import Change
from lakeplane.preview.property_paths import ABSENT, PropertyPath, contains, parse_path, to_text
from lakeplane.provider_models.create_only import must_replace
from lakeplane.provider_models.replacing import config_must_replace, deletes_before_replacing
from lakeplane.render import Resource

__all__ = ["RANK", "Reason", "by_dependencies", "by_provider", "decide", "replaces", "worst"]

RANK = (Change.SAME, Change.MAY_UPDATE, Change.UPDATE, Change.MAY_REPLACE, Change.REPLACE)
"""What may become of a resource that was there, from harmless to grave."""

Reason = tuple[Change, str]
"""What happens, and why, in words."""

_PROVIDERS = "pulumi:providers:"


def worst(changes: Iterable[Change]) -> Change:
    """Return the gravest of some changes; `same` if there are none."""
    return max(changes, key=RANK.index, default=Change.SAME)


def decide(difference: Difference) -> Change:
    """Tell what one difference does to a resource."""
    if difference.replaces is None:
        return Change.MAY_REPLACE
    if difference.replaces:
        return Change.REPLACE if difference.certain else Change.MAY_REPLACE
    return Change.UPDATE if difference.certain else Change.MAY_UPDATE


def replaces(before: Resource, after: Resource, difference: Difference) -> bool | None:
    """Tell whether a difference replaces the resource, by its options and by what is known of its type."""
    keys = difference.keys
    if any(contains(parse_path(path), keys) for path in after.replace_on_changes):
        return True
    if not after.custom:
        return False
    if after.type.startswith(_PROVIDERS):
        return config_must_replace(after.type, difference.path, before.inputs, after.inputs)
    found = [must_replace(after.type, difference.path)]
    # What comes or goes as a whole changes everything inside it.
    for value in (difference.before, difference.after):
        found += [must_replace(after.type, to_text(path)) for path in _leaves(keys, value)]
    return True if True in found else None if None in found else False


def by_provider(before: Resource, after: Resource, changes: Mapping[str, Change]) -> Iterator[Reason]:
    """Tell what a resource's provider does to it: the engine replaces all that a replaced one manages.

    Args:
        before: The resource as it was, with the URNs of now.
        after: The resource.
        changes: What happens to each resource, by URN.
    """
    if before.provider != after.provider and not (_is_default(before) and _is_default(after)):
        yield (
            Change.REPLACE,
            f"its provider becomes {_name(after.provider)}, and was {_name(before.provider)}",
        )
    change = changes.get(after.provider or "", Change.SAME)
    if change in (Change.REPLACE, Change.MAY_REPLACE):
        word = "is" if change is Change.REPLACE else "may be"
        yield change, f"its provider {_name(after.provider)} {word} replaced"


def by_dependencies(
    before: Resource, after: Resource, resources: Mapping[str, Resource], changes: Mapping[str, Change]
) -> Iterator[Reason]:
    """Tell what becomes of a resource when others are deleted before they are replaced.

    The engine then replaces what depends on them by an input that can't be changed, known or not.

    Args:
        before: The resource as it was, with the URNs of now.
        after: The resource.
        resources: Every resource of the layer, by URN.
        changes: What happens to each of them.
    """
    for name, sources in sorted(before.property_dependencies.items()):
        for source in sources:
            change = changes.get(source, Change.SAME)
            if change not in (Change.REPLACE, Change.MAY_REPLACE) or not _goes_first(resources.get(source)):
                continue
            if (certain := must_replace(after.type, name)) is False or not after.custom:
                continue
            outcome = change if certain else Change.MAY_REPLACE
            yield outcome, f"{name} comes from {urn_name(source)}, which is deleted before it is replaced"
    host = after.deleted_with
    if host and changes.get(host) in (Change.REPLACE, Change.MAY_REPLACE):
        yield Change.MAY_REPLACE, f"it goes with {urn_name(host)}, which is replaced"


def _goes_first(resource: Resource | None) -> bool:
    return resource is not None and (
        resource.delete_before_replace or deletes_before_replacing(resource.type)
    )


def _leaves(path: PropertyPath, value: Any) -> Iterator[PropertyPath]:
    if not isinstance(value, Mapping) or value == ABSENT or any(name.startswith("$") for name in value):
        return
    for name, item in value.items():
        yield (*path, name)
        yield from _leaves((*path, name), item)


def _is_default(resource: Resource) -> bool:
    return urn_name(resource.provider or "::::::").startswith("default") if resource.provider else True


def _name(provider: str | None) -> str:
    return f"{urn_type(provider).rpartition(':')[2]} {urn_name(provider)}" if provider else "none"
