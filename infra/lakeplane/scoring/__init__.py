"""The scoring service as a process of this machine: start it, ask it, compare it with the model."""

from lakeplane.scoring.check import check_service
from lakeplane.scoring.service import RunningService, running_service

__all__ = ["RunningService", "check_service", "running_service"]
