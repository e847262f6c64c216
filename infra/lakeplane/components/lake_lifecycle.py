"""How the lake's raw files grow old."""

from __future__ import annotations

from dataclasses import dataclass

from pulumi_azure_native import storage

__all__ = ["Ages", "lifecycle_rules"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ages:
    """Days after the last change when raw files move or go.

    Attributes:
        cool_after_days: To the cool tier; 30 if left out.
        cold_after_days: To the cold tier; 90 if left out.
        archive_after_days: To the archive tier, where nothing reads them; never if left out.
        delete_after_days: Deleted; never if left out.
    """

    cool_after_days: int = 30
    cold_after_days: int = 90
    archive_after_days: int | None = None
    delete_after_days: int | None = None


def lifecycle_rules(ages: Ages) -> list[storage.ManagementPolicyRuleArgs]:
    """Return the rules of a lake's management policy.

    They speak of `landing` alone: in the other containers tables' logs and checkpoints lie among the data,
    rules know prefixes only, and a log file in a slow tier stops every reader of its table.
    """
    return [
        storage.ManagementPolicyRuleArgs(
            name="landing-grows-old",
            type="Lifecycle",
            enabled=True,
            definition=storage.ManagementPolicyDefinitionArgs(
                filters=storage.ManagementPolicyFilterArgs(
                    blob_types=["blockBlob"], prefix_match=["landing/"]
                ),
                actions=storage.ManagementPolicyActionArgs(
                    base_blob=storage.ManagementPolicyBaseBlobArgs(
                        tier_to_cool=_after(ages.cool_after_days),
                        tier_to_cold=_after(ages.cold_after_days),
                        tier_to_archive=_after(ages.archive_after_days),
                        delete=_after(ages.delete_after_days),
                    )
                ),
            ),
        )
    ]


def _after(days: int | None) -> storage.DateAfterModificationArgs | None:
    if days is None:
        return None
    return storage.DateAfterModificationArgs(days_after_modification_greater_than=float(days))
