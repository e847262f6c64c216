"""Workspaces in prod are encrypted with keys of one's own.

Notebooks, queries, secrets and disks are encrypted with Databricks' and Microsoft's keys as well. A key of
one's own can be taken away; who has to prove that needs it, so prod is told and nobody is stopped.

A workspace that only answers its region's log-ins is left alone: no cluster can start in it.

Anti-pattern:

    Workspace("dbw", encryption=None)

Best practice:

    EncryptionEntitiesDefinitionArgs(
        managed_services=EncryptionV2Args(key_source="Microsoft.Keyvault", key_vault_properties=services_key),
        managed_disk=ManagedDiskEncryptionArgs(
            key_source="Microsoft.Keyvault",
            key_vault_properties=disks_key,
            rotation_to_latest_key_version_enabled=True,
        ),
    )

Documents: Microsoft Learn, "Customer-managed keys for encryption".
"""

from collections.abc import Iterator
from dataclasses import replace

from lakeplane_policies.conditions import in_turn, must_be
from lakeplane_policies.endpoints import answers_logins_alone
from lakeplane_policies.rule import ADVISED_IN_PROD, ALIKE, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.stack import Stack
from lakeplane_policies.tokens import DATABRICKS_WORKSPACE

_CONDITION = in_turn(
    must_be("encryption.entities.managedServices.keySource", "Microsoft.Keyvault"),
    must_be("encryption.entities.managedDisk.keySource", "Microsoft.Keyvault"),
    must_be("encryption.entities.managedDisk.rotationToLatestKeyVersionEnabled", True),
    must_be("parameters.prepareEncryption.value", True),
)


def _judge(stack: Stack, settings: Settings) -> Iterator[Violation]:
    for workspace in stack.of(DATABRICKS_WORKSPACE):
        if not answers_logins_alone(stack, workspace):
            for found in _CONDITION(workspace.inputs, settings):
                yield replace(found, urn=workspace.urn)


RULE = Rule(
    code="DB008",
    title="workspaces in prod are encrypted with keys of one's own",
    types=(DATABRICKS_WORKSPACE,),
    impact=Impact.LOW,
    tiers=ADVISED_IN_PROD,
    modes=ALIKE,
    judge_stack=_judge,
    remedy="set encryption mode customer_managed in the spec",
    sources=(
        "CKV2_AZURE_48",
        "SAT DP-3",
        "MCSB DP-5",
    ),
)
