"""The contents layer: what lives inside the workspace and the cluster, wired from top to bottom."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pulumi
import pulumi_databricks as databricks
import pulumi_kubernetes as kubernetes

from lakeplane.cluster_policies import policy_documents
from lakeplane.components.cluster_policies import ClusterPolicies, ClusterPoliciesArgs
from lakeplane.components.instance_pool import InstancePool, InstancePoolArgs
from lakeplane.components.scoring_service import ScoringService, ScoringServiceArgs
from lakeplane.components.unity_catalog import UnityCatalog, UnityCatalogArgs
from lakeplane.components.workload_jobs import WorkloadJobs, WorkloadJobsArgs
from lakeplane.outputs import ContentsOutputs, FoundationOutputs
from lakeplane.planning import EnvironmentPlan
from lakeplane.spec import Workload, spec_values

__all__ = ["deploy_contents"]

# Microsoft Learn, "Use kubelogin to authenticate in AKS": the application that every AKS cluster trusts.
_AKS_SERVER_APPLICATION = "6dae42f8-4368-4678-94ff-3960e28e3630"
_POOL_KEY = "main"


def deploy_contents(
    plan: EnvironmentPlan, foundation: FoundationOutputs, workloads: Sequence[Workload], wheel: Path
) -> ContentsOutputs:
    """Register what is inside the environment's workspace and cluster.

    Args:
        plan: The environment.
        foundation: What the layer below has made.
        workloads: Manifests of the environment's workloads.
        wheel: The workloads' wheel on this machine.
    """
    workspace_host = pulumi.Output.from_input(foundation.databricks_workspace_url).apply(_with_scheme)
    workspace = databricks.Provider(
        "workspace",
        host=workspace_host,
        azure_workspace_resource_id=plan.databricks_workspace_id,
    )
    cluster = kubernetes.Provider(
        "cluster",
        kubeconfig=pulumi.Output.all(foundation.aks_fqdn, foundation.aks_certificate_authority).apply(
            lambda found: _kubeconfig(plan.names.aks_cluster, *found)
        ),
        # Keeps the objects while the kubeconfig's text changes; only another cluster replaces them.
        cluster_identifier=plan.aks_cluster_id,
        enable_server_side_apply=True,
    )
    in_workspace = pulumi.ResourceOptions(providers=[workspace])
    groups = plan.spec.groups
    catalog = UnityCatalog(
        "catalog",
        UnityCatalogArgs(
            catalog_name=plan.catalog,
            storage_credential_name=plan.names.storage_credential,
            external_location_name=plan.names.external_location,
            lake_url=plan.lake_url,
            access_connector_id=foundation.access_connector_id,
            engineers=groups.engineers,
            scientists=groups.scientists,
            readers=groups.readers,
            protect=plan.spec.tier == "prod",
        ),
        in_workspace,
    )
    policies = ClusterPolicies(
        "policies",
        ClusterPoliciesArgs(
            documents=policy_documents(plan.spec, plan), users=(groups.engineers, groups.scientists)
        ),
        in_workspace,
    )
    pool = InstancePool(
        "pool",
        InstancePoolArgs(
            pool_name=plan.names.instance_pool,
            node_type_id=plan.spec.databricks.node_type,
            max_capacity=plan.spec.databricks.pool_max_capacity,
            spark_versions=(plan.spec.databricks.runtime,),
            tags=plan.tags,
            users=(groups.engineers, groups.scientists),
        ),
        in_workspace,
    )
    jobs = WorkloadJobs(
        "workloads",
        WorkloadJobsArgs(
            jobs={key: job for workload in workloads for key, job in workload.jobs.items()},
            wheel=wheel,
            artifacts_path=catalog.artifacts_path,
            values=_job_values(plan, policies, pool),
            tags=plan.tags,
            managers=(groups.engineers,),
        ),
        in_workspace,
    )
    scoring = ScoringService(
        "scoring",
        ScoringServiceArgs(
            client_id=foundation.serving_client_id,
            model=f"{plan.catalog}.ml.{plan.spec.serving.model}@champion",
            databricks_host=workspace_host,
            image=plan.spec.serving.image,
            labels={
                "app.kubernetes.io/managed-by": "lakeplane",
                "app.kubernetes.io/part-of": plan.spec.name,
            },
        ),
        pulumi.ResourceOptions(providers=[cluster]),
    )
    return ContentsOutputs(
        catalog=catalog.catalog_name,
        job_ids=jobs.job_ids,
        cluster_policy_ids=policies.policy_ids,
        wheel_path=jobs.wheel_path,
        scoring_service=scoring.host,
    )


def _job_values(plan: EnvironmentPlan, policies: ClusterPolicies, pool: InstancePool) -> dict[str, Any]:
    values = spec_values(plan.spec, wheel=None)
    values |= {f"resources.cluster_policies.{key}.id": id_ for key, id_ in policies.policy_ids.items()}
    values[f"resources.instance_pools.{_POOL_KEY}.id"] = pool.pool_id
    return values


def _with_scheme(host: str) -> str:
    """Azure answers a bare host; a workspace elsewhere may say `http://` itself."""
    return host if "://" in host else f"https://{host}"


def _kubeconfig(cluster_name: str, fqdn: str, certificate_authority: str) -> str:
    """Write a kubeconfig that holds no credential: kubelogin signs in, as `AAD_LOGIN_METHOD` tells it."""
    login = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "kubelogin",
        "args": ["get-token", "--login", "azurecli", "--server-id", _AKS_SERVER_APPLICATION],
        "interactiveMode": "Never",
        "provideClusterInfo": False,
    }
    cluster = {"server": f"https://{fqdn}:443", "certificate-authority-data": certificate_authority}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": cluster_name, "cluster": cluster}],
        "users": [{"name": "deployer", "user": {"exec": login}}],
        "contexts": [{"name": cluster_name, "context": {"cluster": cluster_name, "user": "deployer"}}],
        "current-context": cluster_name,
    }
    return json.dumps(config, sort_keys=True)
