"""The environment's managed identities, as service principals of the workspace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import pulumi
import pulumi_databricks as databricks

__all__ = ["Application", "ServicePrincipals", "ServicePrincipalsArgs"]

_USER_ROLE = "roles/servicePrincipal.user"


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """An identity of Entra that works in the workspace.

    Attributes:
        application_id: Its client id. A user-assigned managed identity is added by it like any application of
            Entra (Microsoft Learn, "Set up Azure managed identities authentication for Azure Databricks").
        display_name: Name that people see.
        runs_jobs: Whether jobs run as it, so that the deployer needs a role on it; they don't if left out.
    """

    application_id: pulumi.Input[str]
    display_name: str
    runs_jobs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePrincipalsArgs:
    """What the service principals need.

    Attributes:
        applications: The identities by purpose, such as `jobs`.
        account_id: Id of the Databricks account, which keeps the roles. Without one nobody gets the right to
            run jobs as a service principal, and none is offered for it.
        job_users: Groups of the account that may run jobs as a service principal, beside whoever deploys;
            none if left out.
    """

    applications: Mapping[str, Application]
    account_id: str | None = None
    job_users: Sequence[str] = ()


class ServicePrincipals(pulumi.ComponentResource):
    """Service principals with no entitlement but to take part in the workspace.

    They start clusters only under a cluster policy that names them, and read only what is granted to them.
    Whoever creates a service principal may manage it, yet not run jobs as it: that role is given to the
    deployer of each update (Databricks docs, "Roles for managing service principals").

    Attributes:
        application_ids: Application ids by purpose; each waits until the workspace has the principal.
        run_as: Application ids that the deployer may run jobs as, by purpose; none without an account.
    """

    databricks_provider: ClassVar[str] = "workspace"

    def __init__(
        self, name: str, args: ServicePrincipalsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("lakeplane:access:ServicePrincipals", name, None, opts)
        self._name = name
        self._args = args
        self.application_ids: dict[str, pulumi.Output[str]] = {}
        self.run_as: dict[str, pulumi.Output[str]] = {}
        for purpose, application in args.applications.items():
            principal = databricks.ServicePrincipal(
                f"{name}-{purpose}",
                application_id=application.application_id,
                display_name=application.display_name,
                workspace_access=True,
                databricks_sql_access=False,
                allow_cluster_create=False,
                allow_instance_pool_create=False,
                # The account may know the identity from an earlier workspace: then it is taken over.
                force=True,
                opts=pulumi.ResourceOptions(parent=self),
            )
            self.application_ids[purpose] = principal.application_id
            if application.runs_jobs and args.account_id is not None:
                self.run_as[purpose] = self._let_run_jobs(purpose, args.account_id)
        self.register_outputs({"application_ids": self.application_ids})

    def _let_run_jobs(self, purpose: str, account_id: str) -> pulumi.Output[str]:
        application_id = self.application_ids[purpose]
        deployer = databricks.get_current_user_output(opts=pulumi.InvokeOutputOptions(parent=self))
        rules = databricks.AccessControlRuleSet(
            f"{self._name}-{purpose}-users",
            name=pulumi.Output.concat(
                f"accounts/{account_id}/servicePrincipals/", application_id, "/ruleSets/default"
            ),
            grant_rules=[
                databricks.AccessControlRuleSetGrantRuleArgs(
                    principals=[
                        deployer.acl_principal_id,
                        *(f"groups/{group}" for group in sorted(set(self._args.job_users))),
                    ],
                    role=_USER_ROLE,
                )
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )
        usable: pulumi.Output[str] = pulumi.Output.all(application_id, rules.name).apply(
            lambda known: str(known[0])
        )
        return usable
