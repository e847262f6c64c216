"""Programs of many resources, one for each provider, and the platform's own."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path

import pulumi

PROJECT = Path(__file__).parents[2]


def azure(count: int) -> None:
    """Register storage accounts in a resource group."""
    from pulumi_azure_native import resources, storage

    group = resources.ResourceGroup("group", resource_group_name="rg", location="westeurope")
    for index in range(count - 1):
        storage.StorageAccount(
            f"account-{index}",
            account_name=f"st{index}",
            resource_group_name=group.name,
            location="westeurope",
            kind="StorageV2",
            sku=storage.SkuArgs(name="Standard_LRS"),
            minimum_tls_version="TLS1_2",
            network_rule_set=storage.NetworkRuleSetArgs(default_action="Deny", bypass="None"),
            tags={"owner": "bench"},
        )


def databricks(count: int) -> None:
    """Register jobs, each with a policy's cluster."""
    import pulumi_databricks as databricks

    policy = databricks.ClusterPolicy("policy", name="jobs", definition="{}")
    for index in range(count - 1):
        databricks.Job(
            f"job-{index}",
            name=f"job {index}",
            job_clusters=[
                databricks.JobJobClusterArgs(
                    job_cluster_key="main",
                    new_cluster=databricks.JobJobClusterNewClusterArgs(
                        spark_version="18.x-scala2.13",
                        node_type_id="Standard_D4ds_v5",
                        num_workers=2,
                        policy_id=policy.id,
                    ),
                )
            ],
            tasks=[databricks.JobTaskArgs(task_key="one", job_cluster_key="main")],
            tags={"owner": "bench"},
        )


def kubernetes(count: int) -> None:
    """Register deployments in a namespace."""
    from pulumi_kubernetes import apps, core, meta

    space = core.v1.Namespace("space", metadata=meta.v1.ObjectMetaArgs(name="bench"))
    for index in range(count - 1):
        labels = {"app": f"app-{index}"}
        apps.v1.Deployment(
            f"app-{index}",
            metadata=meta.v1.ObjectMetaArgs(
                name=f"app-{index}", namespace=space.metadata.apply(lambda m: m.name)
            ),
            spec=apps.v1.DeploymentSpecArgs(
                replicas=2,
                selector=meta.v1.LabelSelectorArgs(match_labels=labels),
                template=core.v1.PodTemplateSpecArgs(
                    metadata=meta.v1.ObjectMetaArgs(labels=labels),
                    spec=core.v1.PodSpecArgs(containers=[core.v1.ContainerArgs(name="app", image="app:1")]),
                ),
            ),
        )


def platform(adapted: bool) -> None:
    """Register the foundation of the largest example, as `stacks/__main__.py` does, or plainly."""
    if adapted:
        runpy.run_path(str(PROJECT / "stacks" / "__main__.py"), run_name="__main__")
        return
    from lakeplane.program import main

    main()


def of(provider: str, count: int, *, adapted: bool) -> Callable[[], None]:
    """Return the program of a provider."""
    if provider == "max":
        return lambda: platform(adapted)
    register = {"azure-native": azure, "databricks": databricks, "kubernetes": kubernetes}[provider]

    def program() -> None:
        register(count)
        pulumi.export("count", count)

    return program
