"""What an environment would become: the graph of the real program, with findings, cost and quota."""

from lakeplane.preview.document import to_json
from lakeplane.preview.environment import preview_environment
from lakeplane.preview.model import BaseLabel, Change, Preview, PreviewedResource

__all__ = [
    "BaseLabel",
    "Change",
    "Preview",
    "PreviewedResource",
    "preview_environment",
    "to_json",
]
