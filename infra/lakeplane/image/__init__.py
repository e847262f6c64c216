"""The scoring service's image: what a builder is given, and building it where a builder is."""

from lakeplane.image.builders import BUILDERS, Builder, find_builder
from lakeplane.image.context import ImageName, lay_out_context

__all__ = ["BUILDERS", "Builder", "ImageName", "find_builder", "lay_out_context"]
