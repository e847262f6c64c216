"""Pods and their containers, wherever a Kubernetes object keeps them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from lakeplane_policies.conditions import NOT_SET, every, unknown
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import Condition, Violation
from lakeplane_policies.settings import Settings

__all__ = ["either", "every_container", "every_pod", "literal_env"]

_PLACES = ("spec.jobTemplate.spec.template.spec", "spec.template.spec", "spec")
_LISTS = ("initContainers", "containers", "ephemeralContainers")


def every_pod(condition: Condition) -> Condition:
    """Demand something of the pod that an object makes: a pod itself, a template, or a job's template.

    An object whose pod isn't there is refused; one that is known later is undecidable.
    """

    def judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
        place = next((one for one in _PLACES if read(inputs, one) is not State.ABSENT), _PLACES[-1])
        pod = read(inputs, place)
        where = tuple(place.split("."))
        if pod is State.UNKNOWN:
            yield unknown(*where)
        elif pod is State.ABSENT:
            yield Violation(where, NOT_SET)
        else:
            for found in condition(pod, settings):
                yield replace(found, path=(*where, *found.path))

    return judge


def every_container(condition: Callable[[Any], Condition]) -> Condition:
    """Demand something of every container of the pod that an object makes.

    Args:
        condition: Given the pod, returns what to demand of each of its containers; paths count from the
            container.
    """

    def judge(pod: Any, settings: Settings) -> Iterator[Violation]:
        for name in _LISTS:
            absent = NOT_SET if name == "containers" else None
            yield from every(name, condition(pod), absent=absent)(pod, settings)

    return every_pod(judge)


def either(pod: Any, path: str, test: Callable[[Any], bool]) -> Condition:
    """Demand something of a container's security context, which the pod's stands in for where it has none.

    Args:
        pod: The pod.
        path: Where it stands in both security contexts.
        test: Tells whether a known value will do.
    """
    where = ("securityContext", *path.split("."))

    def judge(container: Any, settings: Settings) -> Iterator[Violation]:
        del settings
        value = read(container, f"securityContext.{path}")
        if value is State.ABSENT:
            value = read(pod, f"securityContext.{path}")
        if value is State.UNKNOWN:
            yield unknown(*where)
        elif value is State.ABSENT:
            yield Violation(where, f"{NOT_SET}, neither here nor for the pod")
        elif not test(value):
            yield Violation(where, f"it is {value!r}")

    return judge


def literal_env(container: Any) -> Iterator[tuple[int, str, Any]]:
    """Yield place, name and value of the environment variables that stand in a container as they are."""
    variables = read(container, "env")
    for index, variable in enumerate(variables if isinstance(variables, list) else ()):
        value = read(variable, "value")
        if value is not State.ABSENT:
            yield index, str(read(variable, "name")), value
