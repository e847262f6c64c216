"""Job runs in the simulated workspace: admitted, queued, executed by drivers, remembered."""

from lakeplane.local.runs.admission import ClusterRefusedError, RunRefusedError, check_clusters
from lakeplane.local.runs.records import RunRecords
from lakeplane.local.runs.service import RunService

__all__ = ["ClusterRefusedError", "RunRecords", "RunRefusedError", "RunService", "check_clusters"]
