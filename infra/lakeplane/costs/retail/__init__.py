"""Bringing prices from Azure's public retail price API into a project's own price file."""

from lakeplane.costs.retail.api import ENDPOINT, RetailApi
from lakeplane.costs.retail.refresh import Refreshed, refresh_prices

__all__ = ["ENDPOINT", "Refreshed", "RetailApi", "refresh_prices"]
