"""The contents' way into the AKS cluster."""

from __future__ import annotations

import json

import pulumi
import pulumi_kubernetes as kubernetes

from lakeplane.components.protection import protecting_data
from lakeplane.outputs import FoundationOutputs
from lakeplane.planning import EnvironmentPlan

__all__ = ["enter_cluster"]

# Microsoft Learn, "Use kubelogin to authenticate in AKS": the application that every AKS cluster trusts.
_AKS_SERVER_APPLICATION = "6dae42f8-4368-4678-94ff-3960e28e3630"


def enter_cluster(plan: EnvironmentPlan, foundation: FoundationOutputs) -> pulumi.ResourceOptions:
    """Register the provider of the cluster, and return the options of what lives there."""
    cluster = kubernetes.Provider(
        "cluster",
        kubeconfig=pulumi.Output.all(foundation.aks_fqdn, foundation.aks_certificate_authority).apply(
            lambda found: _kubeconfig(plan.names.aks_cluster, *found)
        ),
        # Keeps the objects while the kubeconfig's text changes; only another cluster replaces them.
        cluster_identifier=plan.aks_cluster_id,
        enable_server_side_apply=True,
    )
    return pulumi.ResourceOptions(
        providers=[cluster], transformations=protecting_data(plan.spec.tier == "prod")
    )


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
