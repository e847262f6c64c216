"""Lakes speak neither SFTP nor NFS.

SFTP signs people in with local users, NFS with nothing but an address; both go round Entra. Only accounts
with a hierarchical namespace can have them, so only those have to say that they don't.

Anti-pattern:

    StorageAccount("lake", is_hns_enabled=True, is_sftp_enabled=True)

Best practice:

    StorageAccount("lake", is_hns_enabled=True, is_sftp_enabled=False)

Documents: Microsoft Learn, "SSH File Transfer Protocol (SFTP) support for Azure Blob Storage".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import must_be, must_not_be
from lakeplane_policies.reading import State, read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import STORAGE_ACCOUNT

_NO_NFS = must_not_be("enableNfsV3", True)
_NO_SFTP = must_be("isSftpEnabled", False)


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    yield from _NO_NFS(inputs, settings)
    if (
        read(inputs, "isHnsEnabled") not in (State.ABSENT, False)
        or read(inputs, "isSftpEnabled") is not State.ABSENT
    ):
        yield from _NO_SFTP(inputs, settings)


RULE = Rule(
    code="ST012",
    title="lakes speak neither SFTP nor NFS",
    types=(STORAGE_ACCOUNT,),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy="set is_sftp_enabled=False and leave enable_nfs_v3 out",
    sources=(
        "MCSB IM-1",
        "CKV_AZURE_244",
    ),
)
