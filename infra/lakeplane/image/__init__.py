"""The images of the scoring service and the hub's runner: what a builder is given, and building them."""

from lakeplane.image.builders import BUILDERS, Builder, find_builder
from lakeplane.image.context import RUNNER, SCORING, ImageName, lay_out_context, lay_out_runner
from lakeplane.image.sources import SOURCES, fingerprint_of, require_sources

__all__ = [
    "BUILDERS",
    "RUNNER",
    "SCORING",
    "SOURCES",
    "Builder",
    "ImageName",
    "find_builder",
    "fingerprint_of",
    "lay_out_context",
    "lay_out_runner",
    "require_sources",
]
