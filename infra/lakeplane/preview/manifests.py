"""The Kubernetes objects of a preview as manifests, for anybody's scanner.

A value that is known only after the update is written as `known-after-update`, and a secret as `secret`; in
a Secret's `data` as the base64 of that word.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.representer import SafeRepresenter

from lakeplane.preview.model import Change, Preview
from lakeplane.provider_models.wire import is_unknown
from lakeplane.render import Resource

__all__ = ["to_manifests", "write_manifests"]

_UNKNOWN = "known-after-update"
_SECRET = "secret"  # noqa: S105 - stands in the place of one
_PLAIN = re.compile(r"[A-Za-z][\w./-]*")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_FIRST = ("apiVersion", "kind", "metadata")


def to_manifests(preview: Preview) -> list[dict[str, Any]]:
    """Return the objects that an environment would have; deleted ones are no part of it."""
    return [
        _manifest(one.resource)
        for one in preview.resources
        if one.is_managed and one.resource.package == "kubernetes" and one.change is not Change.DELETE
    ]


def write_manifests(manifests: list[dict[str, Any]]) -> str:
    """Write objects as one YAML stream."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Representer = _Representer
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # ruamel's class gives None
    yaml.explicit_start = True
    yaml.allow_unicode = True
    stream = io.StringIO()
    yaml.dump_all(manifests, stream)
    return stream.getvalue()


class _Representer(SafeRepresenter):
    """Quotes what a reader of YAML 1.1, such as kubectl's, would take for something else than a text."""

    def represent_str(self, data: str) -> Any:
        is_plain = _PLAIN.fullmatch(data) and data.lower() not in _WORDS
        return self.represent_scalar("tag:yaml.org,2002:str", data, style=None if is_plain else '"')


_Representer.add_representer(str, _Representer.represent_str)


def _manifest(resource: Resource) -> dict[str, Any]:
    written = {
        name: _written(value, in_data=(name == "data" and resource.type.endswith(":Secret")))
        for name, value in resource.inputs.items()
        if name != "status"
    }
    metadata = written.get("metadata")
    metadata = dict(metadata) if isinstance(metadata, Mapping) else {}
    # Without a name the provider makes one up from the program's.
    metadata.setdefault("name", resource.name)
    written["metadata"] = metadata
    return {
        **{name: written[name] for name in _FIRST if name in written},
        **{name: written[name] for name in sorted(written) if name not in _FIRST},
    }


def _written(value: Any, *, in_data: bool) -> Any:
    if isinstance(value, Mapping):
        if is_unknown(value):
            return _encoded(_UNKNOWN) if in_data else _UNKNOWN
        if "$secret" in value:
            return _encoded(_SECRET) if in_data else _SECRET
        return {name: _written(item, in_data=in_data) for name, item in sorted(value.items())}
    return [_written(item, in_data=in_data) for item in value] if isinstance(value, list) else value


def _encoded(word: str) -> str:
    return base64.b64encode(word.encode()).decode()
