"""Finding or building the Pulumi CLI, and driving it."""

from lakeplane.engine.binaries import EngineBinaries, ensure_engine
from lakeplane.engine.environment import local_environment
from lakeplane.engine.local_project import write_local_project
from lakeplane.engine.stacks import Engine, Summary

__all__ = ["Engine", "EngineBinaries", "Summary", "ensure_engine", "local_environment", "write_local_project"]
