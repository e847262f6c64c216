"""Nobody runs commands in clusters from the portal.

`az aks command invoke` starts a pod as cluster administrator for whoever holds a role on the Azure resource,
past the API server's ranges.

Anti-pattern:

    ManagedClusterAPIServerAccessProfileArgs(disable_run_command=False)

Best practice:

    ManagedClusterAPIServerAccessProfileArgs(disable_run_command=True)

Documents: Microsoft Learn, "Access a private AKS cluster using the command invoke feature", section "Disable
command invoke".
"""

from lakeplane_policies.conditions import must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import MANAGED_CLUSTER

RULE = Rule(
    code="AK021",
    title="nobody runs commands in clusters from the portal",
    types=(MANAGED_CLUSTER,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=must_be("apiServerAccessProfile.disableRunCommand", True),
    remedy="set api_server_access_profile.disable_run_command=True",
    sources=("MCSB PA-1",),
)
