"""A Kubernetes API server, as the kubernetes provider meets it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lakeplane.local.resources import reference
from lakeplane.local.simulators.model import Failure, Model, Refusal, Scene, Target, at, guid, known

__all__ = ["model_of"]

_NAMESPACE = "kubernetes:core/v1:Namespace"
# Kinds that belong to no namespace (Kubernetes reference, "Not all objects are in a namespace").
_CLUSTER_WIDE = frozenset(
    {
        "Namespace",
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "PersistentVolume",
        "PriorityClass",
        "StorageClass",
        "ValidatingAdmissionPolicy",
    }
)
_BUILT_IN = frozenset({"default", "kube-system", "kube-public", "kube-node-lease"})
_SUBDOMAIN = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")


def model_of(token: str) -> Model | None:
    """Return how a kind behaves; None for tokens that are no kind."""
    group, _, kind = token.removeprefix("kubernetes:").rpartition(":")
    if "/" not in group or not kind:
        return None
    return _MODEL


def _is_namespaced(target: Target) -> bool:
    return target.type.rpartition(":")[2] not in _CLUSTER_WIDE


def _namespace(target: Target) -> str:
    return str(at(target.inputs, "metadata.namespace") or "default")


def _identify(_scene: Scene, target: Target) -> str:
    name = str(at(target.inputs, "metadata.name"))
    return f"{_namespace(target)}/{name}" if _is_namespaced(target) else name


def _parent(scene: Scene, target: Target) -> str:
    """An object goes with its namespace, and everything with the cluster."""
    if _is_namespaced(target) and _namespace(target) not in _BUILT_IN:
        return reference(_NAMESPACE, _namespace(target))
    return str(scene.config.get("clusterIdentifier") or "")


def _defaults(target: Target, old: Mapping[str, Any]) -> dict[str, Any]:
    """Name what the program left unnamed, the same way in preview and update."""
    inputs = dict(target.inputs)
    metadata = inputs.get("metadata")
    if metadata is None:
        metadata = {}
    if (
        not isinstance(metadata, Mapping)
        or "$unknown" in metadata
        or "name" in metadata
        or "generateName" in metadata
    ):
        return inputs
    digest = hashlib.sha256(target.urn.encode()).hexdigest()[:8]
    name = known(old, "metadata.name") or f"{target.name}-{digest}"
    annotations = {**(metadata.get("annotations") or {}), "pulumi.com/autonamed": "true"}
    inputs["metadata"] = {**metadata, "name": name, "annotations": annotations}
    return inputs


def _check(_scene: Scene, target: Target) -> Iterator[Failure]:
    name = known(target.inputs, "metadata.name")
    if isinstance(name, str) and not _SUBDOMAIN.fullmatch(name):
        yield Failure("metadata.name", f"{name!r} is no DNS subdomain: a-z 0-9 - . of at most 253 characters")
    for field in ("apiVersion", "kind"):
        if at(target.inputs, field) is None:
            yield Failure(field, "is missing")


def _admit(scene: Scene, target: Target) -> None:
    cluster = scene.config.get("clusterIdentifier")
    if cluster and scene.resources.by_id(str(cluster)) is None:
        raise Refusal(503, "Unreachable", f"the cluster {cluster} does not exist")
    namespace = _namespace(target)
    if not _is_namespaced(target) or namespace in _BUILT_IN:
        return
    if scene.resources.get(_NAMESPACE, namespace) is None:
        raise Refusal(404, "NotFound", f'namespaces "{namespace}" not found')


def _outputs(_scene: Scene, target: Target) -> dict[str, Any]:
    metadata = dict(target.inputs.get("metadata") or {})
    metadata |= {"uid": guid(target.urn + target.id), "generation": 1}
    if _is_namespaced(target):
        metadata["namespace"] = _namespace(target)
    return {"metadata": metadata, "__initialApiVersion": target.inputs.get("apiVersion")}


_MODEL = Model(_identify, parent=_parent, defaults=_defaults, check=_check, admit=_admit, outputs=_outputs)
