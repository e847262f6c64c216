"""The hub layer: what the environments of a region share, wired from top to bottom in `layer.py`."""

from lakeplane.hub.layer import deploy_hub

__all__ = ["deploy_hub"]
