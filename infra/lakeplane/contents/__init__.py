"""The contents layer, one file for each area; `layer.py` wires them from top to bottom."""

from lakeplane.contents.jobs import workload_targets
from lakeplane.contents.layer import deploy_contents

__all__ = ["deploy_contents", "workload_targets"]
