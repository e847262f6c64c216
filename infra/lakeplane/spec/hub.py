"""The hub spec: the singletons of a region that several environments share."""

from __future__ import annotations

from ipaddress import IPv4Network
from itertools import combinations
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field, Strict, ValidationError, ValidationInfo, field_validator

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import SpecError
from lakeplane.spec.address_ranges import CidrRange, PrivateRange
from lakeplane.spec.arm_ids import VirtualNetworkId
from lakeplane.spec.documents import read_document
from lakeplane.spec.findings import findings_of
from lakeplane.spec.hub_scalars import (
    ArmId,
    ConfigName,
    DomainName,
    HubName,
    HubRange,
    MetastoreName,
    PrivateLinkGroup,
    ResourceGroupId,
)
from lakeplane.spec.refusals import finding
from lakeplane.spec.scalars import (
    AzureRegion,
    ContainerImage,
    EnvironmentName,
    GroupName,
    Guid,
    OrganisationName,
    TagText,
    each_once,
)
from lakeplane.spec.sections import Exceptions, HubCostSpec, PipelinesSpec, WatchSpec
from lakeplane.spec.sections.base import SpecModel

if TYPE_CHECKING:
    from pathlib import Path

    from lakeplane.spec.documents import Document

__all__ = [
    "AttachedEnvironment",
    "HubDatabricksSpec",
    "HubNetworkSpec",
    "HubPrivateDnsSpec",
    "HubSpec",
    "MetastoreSpec",
    "NewMetastore",
    "PeeringSpec",
    "PrivateEndpointRule",
    "RunnerSpec",
    "is_hub",
    "load_hub",
    "parse_hub",
]


class PeeringSpec(SpecModel):
    """A network of the company that the hub is peered with: people and offices come from there.

    Attributes:
        virtual_network: ARM id of that network.
        address_spaces: Private ranges that people come from, its own and those behind its gateway; the
            firewall lets them reach the environments' private endpoints over HTTPS.
        use_remote_gateways: Whether the hub takes the routes of its VPN or ExpressRoute gateway; not if left
            out.
    """

    virtual_network: VirtualNetworkId
    address_spaces: Annotated[
        tuple[PrivateRange, ...], Strict(strict=False), Field(min_length=1, max_length=50)
    ]
    use_remote_gateways: bool = False


class HubNetworkSpec(SpecModel):
    """The hub's virtual network and the environments' way out.

    Attributes:
        address_space: Private IPv4 range of /16 to /23; 10.16.0.0/23 if left out.
        egress: `firewall`: environments leave through the hub's Azure Firewall, which lets out what is listed
            only. `nat`: each environment leaves by its own NAT gateway. `firewall` if left out.
        allowed_fqdns: Domain names that clusters, nodes and the runner may reach over HTTPS through the
            firewall, besides what the services document that they need; none if left out.
        peerings: Networks of the company that the hub is peered with; none if left out.
    """

    address_space: HubRange = IPv4Network("10.16.0.0/23")
    egress: Literal["firewall", "nat"] = "firewall"
    allowed_fqdns: Annotated[
        tuple[DomainName, ...], Strict(strict=False), Field(max_length=200), AfterValidator(each_once)
    ] = ()
    peerings: Annotated[tuple[PeeringSpec, ...], Strict(strict=False), Field(max_length=20)] = ()

    @field_validator("peerings")
    @classmethod
    def _one_gateway(cls, peerings: tuple[PeeringSpec, ...]) -> tuple[PeeringSpec, ...]:
        if sum(one.use_remote_gateways for one in peerings) > 1:
            raise finding(
                "HUB009",
                "a network takes the routes of one remote gateway",
                allowed="use_remote_gateways on one peering",
                remedy="leave it out on all but one",
            )
        return peerings


class HubPrivateDnsSpec(SpecModel):
    """The private DNS zones of all private endpoints.

    Attributes:
        existing_resource_group: ARM id of the resource group that holds the zones already; the hub creates
            them if left out.
    """

    existing_resource_group: ResourceGroupId | None = None


class NewMetastore(SpecModel):
    """A metastore that the hub creates; a region of an account can have one only.

    Attributes:
        name: Its name.
        owner: Databricks account group that owns it.
    """

    name: MetastoreName
    owner: GroupName


class MetastoreSpec(SpecModel):
    """The region's Unity Catalog metastore: one of the two keys.

    Attributes:
        existing: Id of the metastore that the region has already, the usual case.
        create: The metastore to create.
    """

    existing: Guid | None = None
    create: NewMetastore | None = None

    @field_validator("create")
    @classmethod
    def _one_of_two(cls, create: NewMetastore | None, info: ValidationInfo) -> NewMetastore | None:
        if create is not None and info.data.get("existing") is not None:
            raise finding(
                "HUB004",
                "a metastore is either there or created",
                allowed="existing or create, not both",
                remedy="remove create: most regions of an account have their one metastore already",
            )
        return create


class PrivateEndpointRule(SpecModel):
    """One private endpoint from serverless compute to a resource.

    Attributes:
        resource: ARM id of the resource.
        group: The resource's private-link group, such as `dfs`.
    """

    resource: ArmId
    group: PrivateLinkGroup


class HubDatabricksSpec(SpecModel):
    """What the hub has of the Databricks account.

    Attributes:
        account_id: Id of the Databricks account; without it the hub touches nothing of the account, and says
            what to ask the account's administrator for.
        metastore: The region's metastore; not known if left out.
        network_connectivity: Name of a network connectivity config that the region has already; the hub
            creates one if left out.
        private_endpoint_rules: Private endpoints of serverless compute, besides those to the lakes of
            environments behind the hub; none if left out.
        serverless_allowed_fqdns: Domain names that serverless compute may reach over HTTPS, besides Unity
            Catalog's storage; none if left out.
        web_authentication: Keep a workspace without users or compute that owns the region's private browser
            log-in, which all workspaces with access mode private share; true if left out.
    """

    account_id: Guid | None = None
    metastore: MetastoreSpec = MetastoreSpec()
    network_connectivity: ConfigName | None = None
    private_endpoint_rules: Annotated[
        tuple[PrivateEndpointRule, ...], Strict(strict=False), Field(max_length=100)
    ] = ()
    serverless_allowed_fqdns: Annotated[
        tuple[DomainName, ...], Strict(strict=False), Field(max_length=100), AfterValidator(each_once)
    ] = ()
    web_authentication: bool = True


class RunnerSpec(SpecModel):
    """Container jobs inside the hub's network, one for each environment, that deploy private environments.

    Attributes:
        image: Image with lakeplane, Pulumi's CLI and plugins, kubelogin and your project, named by digest, as
            `lakeplane image runner` writes it; the jobs are created once there is one.
        cpu: Cores of one run; 2 if left out.
        memory_gb: GiB of one run, twice the cores as Container Apps asks for; 4 if left out.
    """

    image: ContainerImage | None = None
    cpu: Annotated[int, Field(ge=1, le=4)] = 2
    memory_gb: Annotated[int, Field(ge=2, le=8)] = 4

    @field_validator("memory_gb")
    @classmethod
    def _fits_cpu(cls, memory_gb: int, info: ValidationInfo) -> int:
        cpu = info.data.get("cpu")
        if cpu is not None and memory_gb != 2 * cpu:
            raise finding(
                "HUB005",
                "Container Apps gives two GiB for each core",
                allowed=str(2 * cpu),
                remedy="give twice as many GiB as cores",
            )
        return memory_gb


class AttachedEnvironment(SpecModel):
    """An environment that may stand behind the hub.

    Attributes:
        name: The environment's name.
        address_space: Its network's range; the firewall knows it by this.
        gpu_nodes: Let its AKS nodes fetch drivers of GPUs through the firewall; they may not if left out.
    """

    name: EnvironmentName
    address_space: CidrRange
    gpu_nodes: bool = False


class HubSpec(SpecModel):
    """One hub, as the platform's owners ask for it.

    Attributes:
        kind: Always `hub`; tells the file from an environment's.
        name: Short name; part of every resource's name.
        organisation: Whose hub it is; keeps global names apart.
        region: Azure region; environments behind the hub stand in the same one.
        owner: Whom to ask; a tag.
        cost_centre: Who pays; a tag.
        subscription: Azure subscription's id.
        tenant: Entra tenant's id.
        generation: Raise it after a clash with soft-deleted names; 1 if left out.
        monthly_budget: USD a month that the owner is warned about; no budget if left out.
        network: The hub's network.
        private_dns: The private DNS zones.
        watch: What is kept of logs, and who is told of budgets.
        cost: What is expected to be used, for the estimate of cost alone.
        databricks: What the hub has of the Databricks account.
        pipelines: Pipelines that may look or deploy, and where they come from; none if left out.
        runner: A container job for deployments from inside; none if left out.
        environments: Environments that may stand behind the hub; none if left out.
        exceptions: Rules that need not hold here, each for a reason and for a time; none if left out.
    """

    kind: Literal["hub"]
    name: HubName
    organisation: OrganisationName
    region: AzureRegion
    owner: TagText
    cost_centre: TagText
    subscription: Guid
    tenant: Guid
    generation: Annotated[int, Field(ge=1, le=999)] = 1
    monthly_budget: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    network: HubNetworkSpec = HubNetworkSpec()
    private_dns: HubPrivateDnsSpec = HubPrivateDnsSpec()
    watch: WatchSpec = WatchSpec()
    cost: HubCostSpec = HubCostSpec()
    databricks: HubDatabricksSpec = HubDatabricksSpec()
    pipelines: PipelinesSpec = PipelinesSpec()
    runner: RunnerSpec | None = None
    environments: Annotated[tuple[AttachedEnvironment, ...], Strict(strict=False), Field(max_length=100)] = ()
    exceptions: Exceptions = ()

    @field_validator("environments")
    @classmethod
    def _apart(
        cls, environments: tuple[AttachedEnvironment, ...], info: ValidationInfo
    ) -> tuple[AttachedEnvironment, ...]:
        ranges = [(one.name, one.address_space) for one in environments]
        network = info.data.get("network")
        if network is not None:
            ranges.insert(0, ("the hub", network.address_space))
            for peering in network.peerings:
                name = peering.virtual_network.rpartition("/")[2]
                ranges += [(name, space) for space in peering.address_spaces]
        clashes = [
            f"{first} {one} and {second} {other}"
            for (first, one), (second, other) in combinations(ranges, 2)
            if one.overlaps(other)
        ]
        if clashes:
            raise finding(
                "HUB002",
                f"address spaces overlap: {'; '.join(clashes)}",
                allowed="ranges that are apart, for peered networks are one",
                remedy="give each of them a range of its own",
            )
        names = [one.name for one in environments]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise finding(
                "HUB003",
                f"environments listed twice: {', '.join(twice)}",
                allowed="each environment once",
                remedy="remove the repetition",
            )
        return environments


def is_hub(path: Path) -> bool:
    """Tell whether a spec says that it is a hub's; a file that cannot be read is none."""
    try:
        return read_document(path).data.get("kind") == "hub"
    except SpecError:
        return False


def load_hub(path: Path) -> HubSpec:
    """Load and check the spec of one hub.

    Args:
        path: The YAML file; findings show it as given.

    Raises:
        SpecError: The file or its content is wrong, or it is an environment's; holds every finding, in the
            order of the file.
    """
    return parse_hub(read_document(path))


def parse_hub(document: Document) -> HubSpec:
    """Check a document that has been read.

    Raises:
        SpecError: The content is wrong; holds every finding, in the order of the file.
    """
    if "kind" not in document.data and document.data.keys() & {"tier", "access"}:
        raise SpecError(_environment(document))
    findings = list(document.findings)
    try:
        spec = HubSpec.model_validate(document.data)
    except ValidationError as error:
        findings += findings_of(error.errors(include_url=False), HubSpec, document)
    if findings:
        raise SpecError(sorted(findings, key=lambda one: (one.location is None, one.location, one.code)))
    return spec


def _environment(document: Document) -> Diagnostic:
    return Diagnostic(
        code="HUB001",
        summary="this is the spec of an environment, where a hub's is needed",
        detail="found no key `kind`; allowed: kind: hub",
        remedy="name a hub's spec; `lakeplane new NAME --hub` writes a starter",
        location=document.locate(()),
    )
