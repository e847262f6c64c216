"""The plan of a bootstrap: every step in order, worked out from the spec alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lakeplane.azure.bootstrap.identities import identity_steps, runner_steps
from lakeplane.azure.bootstrap.names import BootstrapNames, plan_bootstrap_names
from lakeplane.azure.bootstrap.steps import Kind, Known, Step, az_command
from lakeplane.azure.bootstrap.store import StoreIds, store_steps
from lakeplane.azure.bootstrap.subject import Subject
from lakeplane.azure.preflight.providers import FEATURES_API, PROVIDERS_API, feature_path

__all__ = ["BootstrapPlan", "plan_bootstrap"]


@dataclass(frozen=True, slots=True)
class BootstrapPlan:
    """What a bootstrap makes.

    Attributes:
        subject: Whom it is for.
        names: Physical names.
        ids: ARM ids of the store.
        steps: The steps; each comes after those that it needs.
    """

    subject: Subject
    names: BootstrapNames
    ids: StoreIds
    steps: tuple[Step, ...]


def plan_bootstrap(subject: Subject) -> BootstrapPlan:
    """Plan the bootstrap of an environment or of a hub; the same spec always yields the same plan."""
    names = plan_bootstrap_names(subject.named)
    ids = StoreIds.of(subject.named.subscription, names)
    return BootstrapPlan(
        subject=subject,
        names=names,
        ids=ids,
        steps=(
            *_registrations(subject),
            *store_steps(subject, names, ids),
            *identity_steps(subject, names, ids),
            *runner_steps(subject, names, ids),
        ),
    )


def _said(what: str, **options: str) -> Callable[[Known], str]:
    command = az_command(what, "register", **options)
    return lambda _: command


def _registrations(subject: Subject) -> Iterator[Step]:
    subscription = subject.named.subscription
    for namespace in subject.providers:
        yield Step(
            key=f"provider {namespace}",
            title=f"resource provider {namespace}",
            kind=Kind.REGISTER_PROVIDER,
            path=f"/subscriptions/{subscription}/providers/{namespace}",
            api_version=PROVIDERS_API,
            why="Azure takes its resource types only then",
            command=_said("provider", namespace=namespace, subscription=subscription),
        )
    for feature in subject.features:
        namespace, _, name = feature.partition("/")
        yield Step(
            key=f"feature {feature}",
            title=f"feature {feature}",
            kind=Kind.REGISTER_FEATURE,
            path=feature_path(subscription, feature),
            api_version=FEATURES_API,
            after=(f"provider {namespace}",),
            why="AKS nodes encrypt on their hosts" if name == "EncryptionAtHost" else "asked for by the spec",
            command=_said("feature", namespace=namespace, name=name, subscription=subscription),
        )
