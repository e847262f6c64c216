"""The API server is open to named ranges at most.

The API server is the cluster. On a public address without ranges, everybody may knock, and a flaw in it is
everybody's.

Anti-pattern:

    ManagedClusterAPIServerAccessProfileArgs(enable_private_cluster=False)

Best practice:

    ManagedCluster(
        "aks",
        api_server_access_profile=ManagedClusterAPIServerAccessProfileArgs(
            enable_private_cluster=True, enable_private_cluster_public_fqdn=False
        ),
    )

Documents: Microsoft Learn, "Create a private Azure Kubernetes Service cluster" and "API server authorized IP
ranges".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import all_of, by_mode, must, must_be, named_ranges
from lakeplane_policies.reading import read
from lakeplane_policies.rule import MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import MANAGED_CLUSTER

_PROFILE = "apiServerAccessProfile"
_PRIVATE = all_of(
    must_be(f"{_PROFILE}.enablePrivateCluster", True),
    must_be(f"{_PROFILE}.enablePrivateClusterPublicFQDN", False),
)
_RANGES = all_of(
    must(f"{_PROFILE}.authorizedIPRanges", bool, "ranges of your own networks"),
    named_ranges(f"{_PROFILE}.authorizedIPRanges"),
)


def _allow_list(inputs: Any, settings: Settings) -> Iterator[Violation]:
    if read(inputs, f"{_PROFILE}.enablePrivateCluster") is not True:
        yield from _RANGES(inputs, settings)


RULE = Rule(
    code="AK003",
    title="the API server is open to named ranges at most",
    types=(MANAGED_CLUSTER,),
    impact=Impact.CRITICAL,
    tiers=MANDATORY,
    modes="private: a private cluster without a public name; allow_list: that, or named ranges",
    judge=by_mode(private=_PRIVATE, allow_list=_allow_list),
    remedy="set api_server_access_profile.enable_private_cluster=True, or name authorized_ip_ranges",
    sources=(
        "CKV_AZURE_6",
        "CKV_AZURE_115",
        "PSRule Azure.AKS.AuthorizedIPs",
        "CIS 5.4.1",
        "CIS 5.4.2",
    ),
)
