"""What an environment would become: the graph of the real program, with findings, cost and quota."""

from lakeplane.preview.document import to_json
from lakeplane.preview.environment import preview_environment
from lakeplane.preview.model import Cost, Preview, PreviewedResource
from lakeplane.preview.text import print_preview

__all__ = [
    "Cost",
    "Preview",
    "PreviewedResource",
    "preview_environment",
    "print_preview",
    "to_json",
]
