"""Jobs inside the hub's network that deploy private environments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
from pulumi_azure_native import app, managedidentity

from lakeplane.components.diagnostics import send_logs
from lakeplane.components.placement import Placement, known_id

__all__ = ["Issuer", "Runner", "RunnerArgs"]

_PROFILE = "Consumption"
_TIMEOUT_SECONDS = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """Who vouches for a pipeline.

    Attributes:
        issuer: URL of the issuer of its tokens.
        subject: What the issuer calls the pipeline.
    """

    issuer: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerArgs:
    """What a runner needs.

    Attributes:
        placement: Where it goes.
        environment_name: Name of the Container Apps environment.
        job_names: Names of the jobs by environment, up to 32 characters each.
        identity_names: Names of the jobs' identities by environment: one for each, so that the job of one
            environment reaches no other.
        subnet_id: ARM id of the subnet that is delegated to Container Apps.
        log_workspace_id: ARM id of the log workspace that keeps what runs say.
        image: Image of the jobs, by digest, which has `lakeplane` on its PATH and starts in a project's
            directory; no jobs yet if left out.
        cpu: Cores of one run; 2 if left out.
        memory_gb: GiB of one run; 4 if left out.
        issuers: Pipelines that may sign in as any of the identities by federated name; none if left out.
        zone_redundant: Spread the environment over zones; not if left out.
    """

    placement: Placement
    environment_name: str
    job_names: Mapping[str, str]
    identity_names: Mapping[str, str]
    subnet_id: pulumi.Input[str]
    log_workspace_id: pulumi.Input[str]
    image: str | None = None
    cpu: int = 2
    memory_gb: int = 4
    issuers: Mapping[str, Issuer] = field(default_factory=dict)
    zone_redundant: bool = False


class Runner(pulumi.ComponentResource):
    """Container Apps jobs without public address or ingress, started by hand or by a pipeline over ARM.

    One job for each environment brings that environment up. A pipeline outside needs only the right to
    start it; whatever a deployment calls inside the network, the job calls with an identity that is its own
    and has no rights in another environment. No secret and no registration token is kept.

    Who starts a job may give that run another command and image: the right to start it is the right to act
    as its identity.

    Attributes:
        identity_ids: ARM ids of the identities, by environment.
        client_ids: Ids that the jobs sign in with, by environment.
        principal_ids: Object ids in Entra, which environments give rights to, by environment.
    """

    def __init__(self, name: str, args: RunnerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("lakeplane:hub:Runner", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        placement = args.placement
        common = {
            "resource_group_name": placement.resource_group_name,
            "location": placement.location,
            "tags": placement.tags,
        }
        self.identity_ids: dict[str, pulumi.Output[str]] = {}
        self.client_ids: dict[str, pulumi.Output[str]] = {}
        self.principal_ids: dict[str, pulumi.Output[str]] = {}
        for target in args.identity_names:
            self._identify(name, args, target)
        environment = app.ManagedEnvironment(
            f"{name}-environment",
            environment_name=args.environment_name,
            vnet_configuration=app.VnetConfigurationArgs(
                infrastructure_subnet_id=args.subnet_id, internal=True
            ),
            public_network_access="Disabled",
            # Where to is said by the diagnostic setting; a workspace named here would be given its key.
            app_logs_configuration=app.AppLogsConfigurationArgs(destination="azure-monitor"),
            workload_profiles=[
                app.WorkloadProfileArgs(name=_PROFILE, workload_profile_type=_PROFILE),
            ],
            zone_redundant=args.zone_redundant,
            **common,
            opts=child,
        )
        environment_id = known_id(
            environment, placement.arm_id("Microsoft.App/managedEnvironments", args.environment_name)
        )
        send_logs(
            f"{name}-logs",
            resource_id=environment_id,
            log_workspace_id=args.log_workspace_id,
            opts=child,
        )
        for target, job_name in args.job_names.items():
            if args.image is None:
                continue
            app.Job(
                f"{name}-{target}-job",
                job_name=job_name,
                environment_id=environment_id,
                workload_profile_name=_PROFILE,
                identity=app.ManagedServiceIdentityArgs(
                    type="UserAssigned", user_assigned_identities=[self.identity_ids[target]]
                ),
                configuration=self._configuration(args.image, self.identity_ids[target]),
                template=self._template(args, self.client_ids[target], args.image, target),
                **common,
                opts=child,
            )
        self.register_outputs({"identity_ids": self.identity_ids, "principal_ids": self.principal_ids})

    def _identify(self, name: str, args: RunnerArgs, target: str) -> None:
        """Register the identity of one environment's job, and who may sign in as it."""
        placement, identity_name = args.placement, args.identity_names[target]
        identity = managedidentity.UserAssignedIdentity(
            f"{name}-{target}-identity",
            resource_name_=identity_name,
            resource_group_name=placement.resource_group_name,
            location=placement.location,
            tags=placement.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        earlier: list[pulumi.Resource] = []
        for label, issuer in args.issuers.items():
            # One after the other: Entra refuses two changes of one identity's credentials at a time.
            earlier = [
                managedidentity.FederatedIdentityCredential(
                    f"{name}-{target}-{label}",
                    federated_identity_credential_resource_name=label,
                    resource_name_=identity.name,
                    resource_group_name=placement.resource_group_name,
                    issuer=issuer.issuer,
                    subject=issuer.subject,
                    audiences=["api://AzureADTokenExchange"],
                    opts=pulumi.ResourceOptions(parent=self, depends_on=earlier),
                )
            ]
        self.identity_ids[target] = known_id(
            identity, placement.arm_id("Microsoft.ManagedIdentity/userAssignedIdentities", identity_name)
        )
        self.client_ids[target] = identity.client_id
        self.principal_ids[target] = identity.principal_id

    def _configuration(self, image: str, identity_id: pulumi.Input[str]) -> app.JobConfigurationArgs:
        return app.JobConfigurationArgs(
            trigger_type="Manual",
            replica_timeout=_TIMEOUT_SECONDS,
            # A deployment that broke off is looked at by a human before it goes on.
            replica_retry_limit=0,
            manual_trigger_config=app.JobConfigurationManualTriggerConfigArgs(
                parallelism=1, replica_completion_count=1
            ),
            registries=[app.RegistryCredentialsArgs(server=image.partition("/")[0], identity=identity_id)],
        )

    def _template(
        self, args: RunnerArgs, client_id: pulumi.Input[str], image: str, target: str
    ) -> app.JobTemplateArgs:
        variables: dict[str, pulumi.Input[str]] = {
            # azure-identity, of lakeplane and of Pulumi's backend and key; and kubelogin.
            "AZURE_CLIENT_ID": client_id,
            "AAD_LOGIN_METHOD": "msi",
            # azure-native, which finds the identity's endpoint by itself.
            "ARM_CLIENT_ID": client_id,
            "ARM_USE_MSI": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            # `lakeplane.azure.inside` asks for Databricks' token, and works the backend's address out from
            # the environment's spec.
            "LAKEPLANE_RUNNER": "true",
        }
        return app.JobTemplateArgs(
            containers=[
                app.ContainerArgs(
                    name="lakeplane",
                    image=image,
                    command=["lakeplane"],
                    args=["up", target, "--target", "azure"],
                    resources=app.ContainerResourcesArgs(cpu=args.cpu, memory=f"{args.memory_gb}Gi"),
                    env=[app.EnvironmentVarArgs(name=key, value=value) for key, value in variables.items()],
                )
            ]
        )
