"""The real program, run in this process against a monitor that only records what it registers."""

from lakeplane.render.graph import Graph, Resource
from lakeplane.render.session import render

__all__ = ["Graph", "Resource", "render"]
