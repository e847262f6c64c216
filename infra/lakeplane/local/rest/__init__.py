"""The simulated workspace's REST API, as far as databricks-sdk and `lakeplane` need it."""

from lakeplane.local.rest.app import create_app

__all__ = ["create_app"]
