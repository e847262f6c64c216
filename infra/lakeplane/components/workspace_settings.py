"""What the workspace lets people do, and from where: locked down, with the source of each setting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from types import MappingProxyType
from typing import ClassVar

import pulumi
import pulumi_databricks as databricks

__all__ = ["LOCKED_DOWN", "Setting", "WorkspaceSettings", "WorkspaceSettingsArgs"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One key of the workspace's configuration.

    Attributes:
        value: Its value, in the API's own words.
        source: Who asks for it: a check of databricks-industry-solutions/security-analysis-tool
            (`configs/security_best_practices.csv`), or a setting of
            PerfectThymeTech/terraform-azurerm-data-landing-zone
            (`modules/databrickscore/workspaceconfig.tf`, 2025-06-27).
    """

    value: str
    source: str


_LANDING_ZONE = "data landing zone, workspaceconfig.tf"
_ANALYSIS_TOOL = "security analysis tool, check"

# Left out of the landing zone's list, because they can't work on a first update or mean nothing on Azure:
# `customerApprovedWSLoginExpirationTime` (Azure has Customer Lockbox), `allow_downloads` and
# `enableDeprecatedClusterNamedInitScripts` (not among the keys that the API documents), and
# RestrictWorkspaceAdmins, which account administrators alone may set.
LOCKED_DOWN: Mapping[str, Setting] = MappingProxyType(
    {
        # Data leaves by tables and volumes, which are granted and audited, and not by a browser.
        "enableResultsDownloading": Setting("false", f"{_ANALYSIS_TOOL} DP-5"),
        "enableExportNotebook": Setting("false", f"{_ANALYSIS_TOOL} DP-6"),
        "enableNotebookTableClipboard": Setting("false", f"{_ANALYSIS_TOOL} DP-7"),
        "mlflowRunArtifactDownloadEnabled": Setting("false", _LANDING_ZONE),
        "reposIpynbResultsExportPermissions": Setting("DISABLE", _LANDING_ZONE),
        "storeInteractiveNotebookResultsInCustomerAccount": Setting("true", f"{_ANALYSIS_TOOL} DP-8"),
        # No DBFS: nobody grants or audits what lies there.
        "enableFileStoreEndpoint": Setting("false", f"{_ANALYSIS_TOOL} DP-9"),
        "enableDbfsFileBrowser": Setting("false", f"{_ANALYSIS_TOOL} DP-13"),
        "enableUploadDataUis": Setting("false", _LANDING_ZONE),
        # Nobody sees or disturbs what isn't theirs.
        "enableWorkspaceAclsConfig": Setting("true", f"{_ANALYSIS_TOOL} INFO-10"),
        "enforceWorkspaceViewAcls": Setting("true", f"{_ANALYSIS_TOOL} INFO-10"),
        "enableClusterAclsConfig": Setting("true", f"{_ANALYSIS_TOOL} INFO-9"),
        "enforceClusterViewAcls": Setting("true", f"{_ANALYSIS_TOOL} INFO-9"),
        "enableJobViewAcls": Setting("true", f"{_ANALYSIS_TOOL} INFO-8"),
        "enforceUserIsolation": Setting("true", _LANDING_ZONE),
        # What runs, and who did it, is known.
        "enableDeprecatedGlobalInitScripts": Setting("false", _LANDING_ZONE),
        "enableVerboseAuditLogs": Setting("true", f"{_ANALYSIS_TOOL} GOV-15"),
        "enableDatabricksAutologgingAdminConf": Setting("true", _LANDING_ZONE),
        "enableJobsEmailsV2": Setting("true", _LANDING_ZONE),
    }
)
"""Configuration that holds in every environment, whatever its spec says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceSettingsArgs:
    """What the settings depend on.

    Attributes:
        catalog_name: Catalog that a name without one means.
        allowed_addresses: Public ranges that may enter; an empty list leaves IP access lists off, for a
            workspace whose front door is closed altogether.
        egress_address: Public address that the environment's own clusters, jobs and pods come from, so
            that an enforced list doesn't lock them out; none where they have no address of their own.
        web_terminal: Whether people may open a shell on a cluster's driver; they may not if left out.
        token_lifetime_days: Most days for which a personal access token is valid; 0, and so no tokens, if
            left out.
        git_repositories: Beginnings of the addresses that Git folders may use; not restricted if left out.
    """

    catalog_name: pulumi.Input[str]
    allowed_addresses: Sequence[IPv4Network]
    egress_address: pulumi.Input[str] | None
    web_terminal: bool = False
    token_lifetime_days: int = 0
    git_repositories: Sequence[str] = ()


class WorkspaceSettings(pulumi.ComponentResource):
    """Workspace without DBFS, Hive metastore, downloads or lasting tokens, open to named addresses alone.

    Attributes:
        allowed_addresses: What may enter; waits until the list is enforced. Empty where no list is.
    """

    databricks_provider: ClassVar[str] = "workspace"

    def __init__(
        self, name: str, args: WorkspaceSettingsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("lakeplane:databricks:WorkspaceSettings", name, None, opts)
        self._name = name
        allowed = self._allow(args) if args.allowed_addresses else None
        configuration = databricks.WorkspaceConf(
            f"{name}-configuration",
            custom_config=_configuration(args),
            # First the list, then the switch: the other way round an update would lock itself out.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[allowed] if allowed else []),
        )
        self._retire_what_came_before_unity_catalog(args.catalog_name)
        self.allowed_addresses: pulumi.Output[list[str]] = pulumi.Output.all(
            allowed.ip_addresses if allowed else [], configuration.urn
        ).apply(lambda known: list(known[0]))
        self.register_outputs({"allowed_addresses": self.allowed_addresses})

    def _allow(self, args: WorkspaceSettingsArgs) -> databricks.IpAccessList:
        # Microsoft Learn, "Configure IP access lists for workspaces": addresses that the compute plane comes
        # from have to be listed, or classic compute can't start.
        own = [] if args.egress_address is None else [args.egress_address]
        return databricks.IpAccessList(
            f"{self._name}-allowed-addresses",
            label="environment",
            list_type="ALLOW",
            ip_addresses=[*map(str, args.allowed_addresses), *own],
            enabled=True,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _retire_what_came_before_unity_catalog(self, catalog_name: pulumi.Input[str]) -> None:
        child = pulumi.ResourceOptions(parent=self)
        databricks.DisableLegacyAccessSetting(
            f"{self._name}-no-hive-metastore",
            disable_legacy_access=databricks.DisableLegacyAccessSettingDisableLegacyAccessArgs(value=True),
            opts=child,
        )
        databricks.DisableLegacyDbfsSetting(
            f"{self._name}-no-dbfs",
            disable_legacy_dbfs=databricks.DisableLegacyDbfsSettingDisableLegacyDbfsArgs(value=True),
            opts=child,
        )
        databricks.DefaultNamespaceSetting(
            f"{self._name}-default-catalog",
            namespace=databricks.DefaultNamespaceSettingNamespaceArgs(value=catalog_name),
            opts=child,
        )


def _configuration(args: WorkspaceSettingsArgs) -> dict[str, str]:
    configuration = {key: setting.value for key, setting in LOCKED_DOWN.items()}
    configuration["enableIpAccessLists"] = _word(bool(args.allowed_addresses))  # NS-5, NS-11
    configuration["enableWebTerminal"] = _word(args.web_terminal)
    # IA-4, IA-5, IA-8: none, or none that lasts. Were they switched on by hand, a day is their limit.
    configuration["enableTokensConfig"] = _word(args.token_lifetime_days > 0)
    configuration["maxTokenLifetimeDays"] = str(max(args.token_lifetime_days, 1))
    if args.git_repositories:  # INFO-42
        configuration["enableProjectsAllowList"] = "true"
        configuration["projectsAllowList"] = ",".join(args.git_repositories)
        configuration["projectsAllowListPermissions"] = "ALLOWLISTED_CLONE_COMMIT_PUSH"
    return dict(sorted(configuration.items()))


def _word(switch: bool) -> str:
    return "true" if switch else "false"
