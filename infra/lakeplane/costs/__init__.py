"""What an environment costs, and what it takes of a subscription's quota, before anything exists."""

from lakeplane.costs.assumptions import Assumptions, JobUse, declared, declared_of_hub
from lakeplane.costs.estimate import work_out_cost
from lakeplane.costs.findings import check_budget, check_quota, tell_unpriced
from lakeplane.costs.model import Cost, CostLine, NotPriced
from lakeplane.costs.price_rows import Price
from lakeplane.costs.prices import PriceTable, bundled_prices, load_prices
from lakeplane.costs.quota import count_quota
from lakeplane.costs.quota_model import QuotaNeed, QuotaShare

__all__ = [
    "Assumptions",
    "Cost",
    "CostLine",
    "JobUse",
    "NotPriced",
    "Price",
    "PriceTable",
    "QuotaNeed",
    "QuotaShare",
    "bundled_prices",
    "check_budget",
    "check_quota",
    "count_quota",
    "declared",
    "declared_of_hub",
    "load_prices",
    "tell_unpriced",
    "work_out_cost",
]
