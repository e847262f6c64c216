"""Azure Machine Learning."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, Strict

from lakeplane.spec.refusals import finding
from lakeplane.spec.scalars import each_once
from lakeplane.spec.sections.base import SpecModel
from lakeplane.spec.sections.machine_sizes import EndpointSize, GpuSize, MlCpuSize

__all__ = ["MlEndpointSpec", "MlSpec"]

_HOST = re.compile(r"(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


def _host(value: str) -> str:
    if not _HOST.fullmatch(value):
        raise finding(
            "SPC016",
            "not a host name",
            allowed="a domain name in lower case such as packages.contoso.example, or *. and a domain",
            remedy="give the bare name, without https:// and path",
        )
    return value


HostName = Annotated[str, AfterValidator(_host)]
HostNames = Annotated[
    tuple[HostName, ...], Strict(strict=False), Field(max_length=100), AfterValidator(each_once)
]
Version = Annotated[int, Field(ge=1, le=2_000_000_000)]


class MlEndpointSpec(SpecModel):
    """The managed online endpoint of the model `serving.model`; promotion moves traffic between versions.

    Attributes:
        model_version: Version of the model in the workspace's own registry; without one, the endpoint stands
            without a deployment, and `validate` says what is awaited.
        kept_versions: Versions that stay deployed beside it, until no traffic goes to them; none if left out.
        instance_type: Azure size of a deployment's machines; the tier's if left out.
        instance_count: Machines of each deployment; the tier's if left out.
    """

    model_version: Version | None = None
    kept_versions: Annotated[
        tuple[Version, ...], Strict(strict=False), Field(max_length=5), AfterValidator(each_once)
    ] = ()
    instance_type: EndpointSize = "Standard_DS3_v2"
    instance_count: Annotated[int, Field(ge=1, le=50)] = 1

    @property
    def versions(self) -> tuple[int, ...]:
        """The versions that are deployed, each once."""
        wanted = (*self.kept_versions, *([self.model_version] if self.model_version else []))
        return tuple(dict.fromkeys(wanted))


class MlSpec(SpecModel):
    """The Azure Machine Learning workspace; every value left out comes from the tier.

    Attributes:
        cpu_size: Azure size of the CPU cluster's nodes.
        gpu_size: Azure size of the GPU cluster's nodes; no GPU cluster if left out.
        max_nodes: Most nodes of each cluster, which starts from none.
        idle_minutes: Idle minutes after which a node goes away; 15 if left out.
        allowed_hosts: Hosts on the internet that the workspace's managed network may reach, such as the
            package index from which the images of deployed models are built; the first one brings an Azure
            Firewall. None if left out.
        endpoint: The managed online endpoint.
    """

    cpu_size: MlCpuSize
    gpu_size: GpuSize | None = None
    max_nodes: Annotated[int, Field(ge=1, le=500)]
    idle_minutes: Annotated[int, Field(ge=2, le=1440)] = 15
    allowed_hosts: HostNames = ()
    endpoint: MlEndpointSpec = MlEndpointSpec()
