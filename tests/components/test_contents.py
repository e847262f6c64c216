"""What the contents layer puts into workspace and cluster."""

from __future__ import annotations

import hashlib
import json

import pytest

from lakeplane.components.scoring_service import ScoringService, ScoringServiceArgs
from lakeplane.components.workload_jobs import WorkloadJobs, WorkloadJobsArgs
from lakeplane.errors import PlanError

IMAGE = "cr.azurecr.io/scoring@sha256:" + "0" * 64


def test_schemas_lie_in_their_layers_container(local) -> None:
    roots = {
        found.inputs["name"]: found.inputs["storageRoot"].partition("@")[0].removeprefix("abfss://")
        for found in local["contents"].of_type("databricks:index/schema:Schema")
    }
    assert roots == {"bronze": "bronze", "silver": "silver", "gold": "gold", "ml": "models"}


def test_no_storage_root_lies_inside_another(local) -> None:
    contents = local["contents"]
    places = [found.inputs["storageRoot"] for found in contents.of_type("databricks:index/schema:Schema")]
    places.append(contents.one("databricks:index/catalog:Catalog").inputs["storageRoot"])
    places += [
        found.inputs["storageLocation"]
        for found in contents.of_type("databricks:index/volume:Volume")
        if found.inputs["volumeType"] == "EXTERNAL"
    ]
    for place in places:
        others = [other for other in places if other is not place]
        assert not [other for other in others if other.startswith(place)], place


def test_catalog_belongs_to_its_workspace(local) -> None:
    contents = local["contents"]
    assert contents.one("databricks:index/catalog:Catalog").inputs["isolationMode"] == "ISOLATED"
    credential = contents.one("databricks:index/storageCredential:StorageCredential").inputs
    assert credential["isolationMode"] == "ISOLATION_MODE_ISOLATED"
    assert set(credential["azureManagedIdentity"]) == {"accessConnectorId"}


def test_readers_see_gold_and_nothing_else(local) -> None:
    seen = {}
    for grants in local["contents"].of_type("databricks:index/grants:Grants"):
        target = grants.inputs.get("schema") or grants.inputs["catalog"]
        for grant in grants.inputs["grants"]:
            if grant["principal"] == "data-readers":
                seen[target] = grant["privileges"]
    assert seen == {"local": ["USE_CATALOG"], "local.gold": ["SELECT", "USE_SCHEMA"]}


def test_grants_wait_for_what_they_are_about(local) -> None:
    for grants in local["contents"].of_type("databricks:index/grants:Grants"):
        key = "schema" if "schema" in grants.inputs else "catalog"
        assert grants.property_dependencies[key]


def test_policies_are_the_bundled_documents(local) -> None:
    policies = list(local["contents"].of_type("databricks:index/clusterPolicy:ClusterPolicy"))
    assert len(policies) == 10
    for policy in policies:
        definition = json.loads(policy.inputs["definition"])
        assert all("type" in limit for limit in definition.values())


def test_every_policy_pool_and_job_says_who_may_use_it(local) -> None:
    about = {
        dependency
        for found in local["contents"].of_type("databricks:index/permissions:Permissions")
        for dependency in found.dependencies
    }
    for token in ("clusterPolicy:ClusterPolicy", "instancePool:InstancePool", "job:Job"):
        for found in local["contents"].of_type(f"databricks:index/{token}"):
            assert found.urn in about


def test_jobs_run_the_uploaded_wheel_under_their_policy(local, project) -> None:
    contents = local["contents"]
    wheel = contents.one("databricks:index/file:File")
    digest = hashlib.sha256((project.stacks / wheel.inputs["source"]).read_bytes()).hexdigest()
    assert wheel.inputs["path"].startswith(f"/Volumes/local/ml/artifacts/{digest[:8]}/lakeplane_workloads-")
    assert wheel.ignore_changes == ("source",)
    single_node = next(
        found.urn
        for found in contents.of_type("databricks:index/clusterPolicy:ClusterPolicy")
        if found.name == "policies-single-node-job"
    )
    jobs = {found.inputs["name"]: found for found in contents.of_type("databricks:index/job:Job")}
    assert set(jobs) == {"medallion", "forecasting"}
    for job in jobs.values():
        wheels = {
            library["whl"]
            for task in job.inputs["tasks"]
            for library in task["libraries"]
            if "whl" in library
        }
        assert wheels == {wheel.inputs["path"]}
        assert single_node in job.dependencies
        assert wheel.urn in job.dependencies
        keys = [task["taskKey"] for task in job.inputs["tasks"]]
        assert keys == sorted(keys)
        assert "${" not in json.dumps(job.inputs)


def test_wrong_job_is_refused_with_every_finding(render_component, tmp_path) -> None:
    wheel = tmp_path / "w.whl"
    wheel.write_bytes(b"x")
    args = WorkloadJobsArgs(
        jobs={"a": {"name": "a", "taskz": [], "tasks": [{"task_key": "b", "depends_on": "c", "notebok": 1}]}},
        wheel=wheel,
        artifacts_path="/Volumes/c/s/v",
        values={},
    )
    with pytest.raises(PlanError) as caught:
        render_component(lambda: WorkloadJobs("jobs", args))
    assert {finding.dotted_path for finding in caught.value.findings} == {
        "taskz",
        "tasks[0].depends_on",
        "tasks[0].notebok",
    }


def scoring(**more) -> ScoringServiceArgs:
    return ScoringServiceArgs(
        client_id="client", model="local.ml.load_forecast@champion", databricks_host="https://h", **more
    )


def test_without_an_image_the_place_is_made_ready(render_component) -> None:
    graph = render_component(lambda: ScoringService("scoring", scoring()))
    kinds = sorted(r.inputs["kind"] for r in graph.resources if r.package == "kubernetes")
    assert kinds == [
        "Namespace",
        "NetworkPolicy",
        "NetworkPolicy",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "Service",
        "ServiceAccount",
    ]
    namespace = graph.one("kubernetes:core/v1:Namespace").inputs["metadata"]["labels"]
    assert namespace["pod-security.kubernetes.io/enforce"] == "restricted"
    policies = {
        found.inputs["metadata"]["name"]: found.inputs["spec"]
        for found in graph.of_type("kubernetes:networking.k8s.io/v1:NetworkPolicy")
    }
    assert policies["deny-all"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    account = graph.one("kubernetes:core/v1:ServiceAccount").inputs
    assert account["automountServiceAccountToken"] is False
    assert account["metadata"]["annotations"] == {"azure.workload.identity/client-id": "client"}


def test_with_an_image_pods_meet_the_restricted_standard(render_component) -> None:
    graph = render_component(lambda: ScoringService("scoring", scoring(image=IMAGE)))
    deployment = graph.one("kubernetes:apps/v1:Deployment")
    pod = deployment.inputs["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    (container,) = pod["containers"]
    assert container["image"] == IMAGE
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
    }
    assert container["resources"]["limits"]
    assert {"livenessProbe", "readinessProbe", "startupProbe"} <= set(container)
    assert "replicas" not in deployment.inputs["spec"], "the autoscaler owns it"
    scaler = graph.one("kubernetes:autoscaling/v2:HorizontalPodAutoscaler").inputs["spec"]
    assert scaler["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "scoring"}


def test_kubeconfig_holds_no_credential_and_the_cluster_is_pinned(local) -> None:
    provider = local["contents"].one("pulumi:providers:kubernetes").inputs
    assert provider["clusterIdentifier"].endswith("/managedClusters/aks-contoso-local-westeurope")


def test_layers_hand_over_what_they_promise(local) -> None:
    foundation = local["foundation"].outputs["foundation"]
    assert foundation["storage_account_name"].startswith("stcontosolocal")
    assert foundation["databricks_workspace_url"] == {"$unknown": True}
    contents = local["contents"].outputs["contents"]
    assert contents["catalog"] == "local"
    assert set(contents["job_ids"]) == {"medallion", "forecasting"}
    assert contents["scoring_service"] == "scoring.serving.svc.cluster.local"


def test_one_group_for_two_purposes_gets_the_rights_of_both(render_layers, project, tmp_path) -> None:
    spec = tmp_path / "small.yaml"
    text = (project.environments / "local.yaml").read_text().replace("name: local", "name: small")
    spec.write_text(f"{text}\ngroups: {{engineers: team, scientists: team, readers: team}}\n")
    grants = list(render_layers(spec)["contents"].of_type("databricks:index/grants:Grants"))
    for found in grants:
        groups = [
            grant["principal"] for grant in found.inputs["grants"] if isinstance(grant["principal"], str)
        ]
        assert groups == ["team"]
    gold = next(found for found in grants if found.inputs.get("schema") == "small.gold")
    assert {"MODIFY", "SELECT", "WRITE_VOLUME"} <= set(gold.inputs["grants"][0]["privileges"])
