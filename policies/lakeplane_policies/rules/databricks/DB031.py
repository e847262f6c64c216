"""Jobs run as a service principal.

A job that runs as a person has all that person's rights, and stops on the day he leaves.

Anti-pattern:

    Job("medallion", run_as=JobRunAsArgs(user_name="ann@contoso.example"))

Best practice:

    Job("medallion", run_as=JobRunAsArgs(service_principal_name=principal.application_id))

Documents: Microsoft Learn, "Manage identities, permissions, and privileges for Databricks Jobs".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import NOT_SET, unknown
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, BEFORE_PROD, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import JOB


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    del settings
    run_as = read(inputs, "runAs")
    if run_as is State.UNKNOWN:
        yield unknown("runAs")
    # A principal that is known later is one that will be there.
    elif read(run_as, "servicePrincipalName") in (State.ABSENT, ""):
        yield Violation(("runAs", "servicePrincipalName"), NOT_SET)


RULE = Rule(
    code="DB031",
    title="jobs run as a service principal",
    types=(JOB,),
    impact=Impact.MEDIUM,
    tiers=BEFORE_PROD,
    modes=ALIKE,
    judge=_judge,
    remedy="set run_as.service_principal_name; the spec needs databricks.account for it",
    sources=(
        "SAT GOV-42",
        "SAT IA-7",
        "MCSB PA-1",
    ),
)
