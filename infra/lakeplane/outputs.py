"""What one layer hands to the next: typed, frozen, and one stack output each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

import pulumi

__all__ = ["ContentsOutputs", "FoundationOutputs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _LayerOutputs:
    def to_stack_output(self) -> dict[str, Any]:
        """Return the values by name, to be exported as one output of the stack."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_stack_output(cls, output: pulumi.Output[Mapping[str, Any]]) -> Self:
        """Read what another stack exported; a value that it lacks ends the program with its name."""
        return cls(**{field.name: output.apply(_reader(field.name)) for field in fields(cls)})


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundationOutputs(_LayerOutputs):
    """What `contents` needs to know of `foundation`, beyond what the plan says.

    Attributes:
        resource_group_name: Name of the environment's resource group.
        storage_account_name: Name of the lake's account.
        access_connector_id: ARM id of the identity with which Databricks reaches the lake.
        databricks_workspace_id: ARM id of the workspace.
        databricks_workspace_url: Host of the workspace; with a scheme where it isn't https.
        databricks_workspace_number: Number of the workspace, another one whenever it is made anew.
        egress_address: Public address that clusters, jobs and pods come from.
        ml_workspace_id: ARM id of the Azure Machine Learning workspace.
        key_vault_name: Name of the vault.
        container_registry_server: Host of the registry.
        aks_cluster_id: ARM id of the cluster.
        aks_fqdn: Host name of the API server.
        aks_certificate_authority: Certificate that signs the API server's, in base 64.
        jobs_client_id: Client id of the identity that jobs run as.
        serving_client_id: Client id of the scoring service's identity.
    """

    resource_group_name: pulumi.Input[str]
    storage_account_name: pulumi.Input[str]
    access_connector_id: pulumi.Input[str]
    databricks_workspace_id: pulumi.Input[str]
    databricks_workspace_url: pulumi.Input[str]
    databricks_workspace_number: pulumi.Input[str]
    egress_address: pulumi.Input[str]
    ml_workspace_id: pulumi.Input[str]
    key_vault_name: pulumi.Input[str]
    container_registry_server: pulumi.Input[str]
    aks_cluster_id: pulumi.Input[str]
    aks_fqdn: pulumi.Input[str]
    aks_certificate_authority: pulumi.Input[str]
    jobs_client_id: pulumi.Input[str]
    serving_client_id: pulumi.Input[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentsOutputs(_LayerOutputs):
    """What `contents` tells its users.

    Attributes:
        catalog: Unity Catalog catalog of the environment.
        job_ids: Ids of the deployed jobs by job key.
        cluster_policy_ids: Ids of the cluster policies by key.
        instance_pool_ids: Ids of the instance pools by key.
        sql_warehouse_id: Id of the SQL warehouse.
        wheel_path: Where the workloads' wheel lies in the workspace.
        scoring_service: Host of the scoring service inside the cluster.
    """

    catalog: pulumi.Input[str]
    job_ids: Mapping[str, pulumi.Input[str]]
    cluster_policy_ids: Mapping[str, pulumi.Input[str]]
    instance_pool_ids: Mapping[str, pulumi.Input[str]]
    sql_warehouse_id: pulumi.Input[str]
    wheel_path: pulumi.Input[str]
    scoring_service: pulumi.Input[str]


def _reader(name: str) -> Any:
    def read(values: Mapping[str, Any]) -> Any:
        if name not in values:
            raise pulumi.RunError(
                f"the foundation stack has no output {name!r}: it was deployed by another version; "
                "update it first"
            )
        return values[name]

    return read
