"""Bootstrap: what stacks, pipelines and providers need before the first `up`, made once by a human."""

from lakeplane.azure.bootstrap.account_request import account_request_of, deployer_key
from lakeplane.azure.bootstrap.carrying_out import Outcome, Status, carry_out
from lakeplane.azure.bootstrap.exports import exports_of
from lakeplane.azure.bootstrap.plan import BootstrapPlan, plan_bootstrap
from lakeplane.azure.bootstrap.steps import Step

__all__ = [
    "BootstrapPlan",
    "Outcome",
    "Status",
    "Step",
    "account_request_of",
    "carry_out",
    "deployer_key",
    "exports_of",
    "plan_bootstrap",
]
