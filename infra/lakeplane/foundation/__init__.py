"""The foundation layer, one file for each area; `layer.py` wires them from top to bottom."""

from lakeplane.foundation.layer import deploy_foundation

__all__ = ["deploy_foundation"]
