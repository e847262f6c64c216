"""Key vaults hand nothing to machines, disks and templates by themselves.

Three old switches let virtual machines, disk encryption and deployments read secrets past the roles on the
vault.

Anti-pattern:

    VaultPropertiesArgs(enabled_for_template_deployment=True)

Best practice:

    VaultPropertiesArgs(
        enabled_for_deployment=False,
        enabled_for_disk_encryption=False,
        enabled_for_template_deployment=False,
    )

Documents: Microsoft Learn, "Microsoft.KeyVault vaults".
"""

from lakeplane_policies.conditions import all_of, must_be
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule
from lakeplane_policies.tokens import VAULT

RULE = Rule(
    code="KV006",
    title="key vaults hand nothing to machines, disks and templates by themselves",
    types=(VAULT,),
    impact=Impact.MEDIUM,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=all_of(
        must_be("properties.enabledForDeployment", False),
        must_be("properties.enabledForDiskEncryption", False),
        must_be("properties.enabledForTemplateDeployment", False),
    ),
    remedy="set the three properties enabled_for_... to False",
    sources=("MCSB PA-7",),
)
