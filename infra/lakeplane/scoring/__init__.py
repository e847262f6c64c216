"""The scoring service as a process of this machine: start it, ask it, compare it with the model."""

from lakeplane.scoring.champion import find_no_champion
from lakeplane.scoring.check import ScoredRows, check_service, score_in_process
from lakeplane.scoring.service import RunningService, running_service

__all__ = [
    "RunningService",
    "ScoredRows",
    "check_service",
    "find_no_champion",
    "running_service",
    "score_in_process",
]
