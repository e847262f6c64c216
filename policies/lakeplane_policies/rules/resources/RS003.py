"""In prod nothing that holds data can be deleted by the way.

A renamed resource is one that is deleted and made again: the engine does so without asking, unless the
resource is protected or Azure keeps a lock on it.

Anti-pattern:

    StorageAccount("lake", opts=ResourceOptions(protect=False))

Best practice:

    StorageAccount("lake", opts=ResourceOptions(protect=True))

Documents: Pulumi, "Resource option: protect"; Microsoft Learn, "Lock your Azure resources to protect your
infrastructure".
"""

from collections.abc import Iterator
from dataclasses import replace

from lakeplane_policies.conditions import unknown
from lakeplane_policies.reading import State
from lakeplane_policies.rule import ALIKE, IN_PROD, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.stack import Stack

_TYPES = (
    "azure-native:databricks:Workspace",
    "azure-native:keyvault:Key",
    "azure-native:keyvault:Vault",
    "azure-native:machinelearningservices:Workspace",
    "azure-native:storage:BlobContainer",
    "azure-native:storage:StorageAccount",
    "databricks:index/catalog:Catalog",
    "databricks:index/metastore:Metastore",
    "databricks:index/schema:Schema",
)
_LOCK = "azure-native:authorization:ManagementLockByScope"


def _judge(stack: Stack, settings: Settings) -> Iterator[Violation]:
    del settings
    for one in stack.of(*_TYPES):
        if one.protect:
            continue
        locks = [stack.points(lock, "scope", one) for lock in stack.of(_LOCK)]
        if True in locks:
            continue
        if State.UNKNOWN in locks:
            yield replace(unknown(), urn=one.urn)
        else:
            yield Violation((), "it is neither protected nor locked", urn=one.urn)


RULE = Rule(
    code="RS003",
    title="in prod nothing that holds data can be deleted by the way",
    types=(
        "azure-native:databricks:Workspace",
        "azure-native:keyvault:Key",
        "azure-native:keyvault:Vault",
        "azure-native:machinelearningservices:Workspace",
        "azure-native:storage:BlobContainer",
        "azure-native:storage:StorageAccount",
        "databricks:index/catalog:Catalog",
        "databricks:index/metastore:Metastore",
        "databricks:index/schema:Schema",
    ),
    impact=Impact.HIGH,
    tiers=IN_PROD,
    modes=ALIKE,
    judge_stack=_judge,
    remedy="set the resource option protect, or add a ManagementLockByScope",
    sources=("MCSB BR-2",),
)
