"""The public endpoint of ML workspaces is as the access mode wants it.

A workspace's public endpoint is on unless it is told otherwise, and the switch that opens it behind its
network undoes private endpoints.

Anti-pattern:

    Workspace("ml", public_network_access="Enabled", allow_public_access_when_behind_vnet=True)

Best practice:

    Workspace("ml", public_network_access="Disabled")

Documents: Microsoft Learn, "Secure an Azure Machine Learning workspace with virtual networks".
"""

from lakeplane_policies.conditions import all_of, must_not_be
from lakeplane_policies.doors import public_access
from lakeplane_policies.rule import MANDATORY, Impact, Rule
from lakeplane_policies.tokens import ML_WORKSPACE

RULE = Rule(
    code="ML001",
    title="the public endpoint of ML workspaces is as the access mode wants it",
    types=(ML_WORKSPACE,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes="private: the door is shut; allow_list: it may be open; Entra alone keeps strangers out",
    judge=all_of(public_access(), must_not_be("allowPublicAccessWhenBehindVnet", True)),
    remedy='set public_network_access="Disabled", or "Enabled" in access mode allow_list',
    sources=(
        "CKV_AZURE_144",
        "CKV2_AZURE_49",
        "PSRule Azure.ML.PublicAccess",
    ),
)
