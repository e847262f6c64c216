"""The one place that reaches into the Pulumi SDK, to cut work that it does for nothing."""

from lakeplane.sdk_adapter.cuts import adapt_process, without_waste
from lakeplane.sdk_adapter.packages import load_sdks_lazily

__all__ = ["adapt_process", "load_sdks_lazily", "without_waste"]
