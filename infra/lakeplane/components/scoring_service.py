"""The scoring service's place in the cluster, and the service itself once there is an image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi_kubernetes import apps, autoscaling, core, networking, policy
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs

from lakeplane.components.scoring_names import NAMESPACE, SERVICE_ACCOUNT

__all__ = ["ScoringService", "ScoringServiceArgs"]

_NAME = "scoring"
_PORT = 8080
_LABELS = {"app.kubernetes.io/name": _NAME}
_USER = 10001


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringServiceArgs:
    """What the service needs.

    Attributes:
        client_id: Client id of the identity that its pods take on.
        model: Full name and alias of the model, such as `dev.ml.load_forecast@champion`.
        databricks_host: Workspace that holds the model registry.
        image: Container image by digest; without one, everything but Deployment and autoscaler is made.
        max_replicas: Most pods of the autoscaler; 4 if left out.
        labels: Labels of every object; none if left out.
    """

    client_id: pulumi.Input[str]
    model: str
    databricks_host: pulumi.Input[str]
    image: str | None = None
    max_replicas: int = 4
    labels: Mapping[str, str] = field(default_factory=dict)


class ScoringService(pulumi.ComponentResource):
    """Namespace under the restricted pod security standard, closed but for scoring, with its service.

    Attributes:
        host: Host of the service inside the cluster.
    """

    def __init__(
        self, name: str, args: ScoringServiceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("lakeplane:serving:ScoringService", name, None, opts)
        self._name = name
        self._args = args
        child = pulumi.ResourceOptions(parent=self)
        namespace = core.v1.Namespace(
            f"{name}-namespace",
            metadata=ObjectMetaArgs(
                name=NAMESPACE,
                labels={
                    **args.labels,
                    "pod-security.kubernetes.io/enforce": "restricted",
                    "pod-security.kubernetes.io/audit": "restricted",
                    "pod-security.kubernetes.io/warn": "restricted",
                },
            ),
            opts=child,
        )
        self._namespace: pulumi.Output[str] = namespace.metadata.name
        core.v1.ServiceAccount(
            f"{name}-account",
            metadata=self._metadata(
                SERVICE_ACCOUNT, annotations={"azure.workload.identity/client-id": args.client_id}
            ),
            automount_service_account_token=False,
            opts=child,
        )
        self._add_network_policies()
        core.v1.Service(
            f"{name}-service",
            metadata=self._metadata(_NAME),
            spec=core.v1.ServiceSpecArgs(
                type="ClusterIP",
                selector=_LABELS,
                ports=[core.v1.ServicePortArgs(name="http", port=80, target_port=_PORT, protocol="TCP")],
            ),
            opts=child,
        )
        policy.v1.PodDisruptionBudget(
            f"{name}-disruption-budget",
            metadata=self._metadata(_NAME),
            spec=policy.v1.PodDisruptionBudgetSpecArgs(
                min_available=1, selector=LabelSelectorArgs(match_labels=_LABELS)
            ),
            opts=child,
        )
        if args.image is not None:
            self._add_deployment(args.image)
        self.host = self._namespace.apply(lambda found: f"{_NAME}.{found}.svc.cluster.local")
        self.register_outputs({"host": self.host})

    def _metadata(self, object_name: str, **more: Any) -> ObjectMetaArgs:
        labels = {**self._args.labels, **_LABELS}
        return ObjectMetaArgs(name=object_name, namespace=self._namespace, labels=labels, **more)

    def _add_network_policies(self) -> None:
        everything = networking.v1.NetworkPolicySpecArgs(
            pod_selector=LabelSelectorArgs(), policy_types=["Ingress", "Egress"]
        )
        scoring_port = networking.v1.NetworkPolicyPortArgs(port=_PORT, protocol="TCP")
        own_cluster = networking.v1.NetworkPolicyPeerArgs(namespace_selector=LabelSelectorArgs())
        ingress = networking.v1.NetworkPolicySpecArgs(
            pod_selector=LabelSelectorArgs(match_labels=_LABELS),
            policy_types=["Ingress"],
            ingress=[networking.v1.NetworkPolicyIngressRuleArgs(ports=[scoring_port], from_=[own_cluster])],
        )
        dns = networking.v1.NetworkPolicyEgressRuleArgs(
            to=[
                networking.v1.NetworkPolicyPeerArgs(
                    namespace_selector=LabelSelectorArgs(
                        match_labels={"kubernetes.io/metadata.name": "kube-system"}
                    ),
                    pod_selector=LabelSelectorArgs(match_labels={"k8s-app": "kube-dns"}),
                )
            ],
            ports=[
                networking.v1.NetworkPolicyPortArgs(port=53, protocol=protocol) for protocol in ("UDP", "TCP")
            ],
        )
        # The registry of models and the sign-in are https outside the cluster, at addresses that change.
        https = networking.v1.NetworkPolicyEgressRuleArgs(
            ports=[networking.v1.NetworkPolicyPortArgs(port=443, protocol="TCP")]
        )
        egress = networking.v1.NetworkPolicySpecArgs(
            pod_selector=LabelSelectorArgs(match_labels=_LABELS), policy_types=["Egress"], egress=[dns, https]
        )
        for suffix, spec in (("deny-all", everything), ("allow-scoring", ingress), ("allow-models", egress)):
            networking.v1.NetworkPolicy(
                f"{self._name}-{suffix}",
                metadata=self._metadata(suffix),
                spec=spec,
                opts=pulumi.ResourceOptions(parent=self),
            )

    def _add_deployment(self, image: str) -> None:
        child = pulumi.ResourceOptions(parent=self)
        deployment = apps.v1.Deployment(
            f"{self._name}-deployment",
            metadata=self._metadata(_NAME),
            spec=apps.v1.DeploymentSpecArgs(
                selector=LabelSelectorArgs(match_labels=_LABELS),
                template=core.v1.PodTemplateSpecArgs(
                    metadata=ObjectMetaArgs(
                        labels={**self._args.labels, **_LABELS, "azure.workload.identity/use": "true"}
                    ),
                    spec=self._pod(image),
                ),
            ),
            # The autoscaler owns the number of pods.
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["spec.replicas"]),
        )
        autoscaling.v2.HorizontalPodAutoscaler(
            f"{self._name}-autoscaler",
            metadata=self._metadata(_NAME),
            spec=autoscaling.v2.HorizontalPodAutoscalerSpecArgs(
                scale_target_ref=autoscaling.v2.CrossVersionObjectReferenceArgs(
                    api_version="apps/v1", kind="Deployment", name=deployment.metadata.name
                ),
                min_replicas=2,
                max_replicas=self._args.max_replicas,
                metrics=[
                    autoscaling.v2.MetricSpecArgs(
                        type="Resource",
                        resource=autoscaling.v2.ResourceMetricSourceArgs(
                            name="cpu",
                            target=autoscaling.v2.MetricTargetArgs(
                                type="Utilization", average_utilization=70
                            ),
                        ),
                    )
                ],
            ),
            opts=child,
        )

    def _pod(self, image: str) -> core.v1.PodSpecArgs:
        return core.v1.PodSpecArgs(
            service_account_name=SERVICE_ACCOUNT,
            automount_service_account_token=False,
            security_context=core.v1.PodSecurityContextArgs(
                run_as_non_root=True,
                run_as_user=_USER,
                run_as_group=_USER,
                fs_group=_USER,
                seccomp_profile=core.v1.SeccompProfileArgs(type="RuntimeDefault"),
            ),
            topology_spread_constraints=[
                core.v1.TopologySpreadConstraintArgs(
                    max_skew=1,
                    topology_key="topology.kubernetes.io/zone",
                    when_unsatisfiable="ScheduleAnyway",
                    label_selector=LabelSelectorArgs(match_labels=_LABELS),
                )
            ],
            containers=[self._container(image)],
            volumes=[
                core.v1.VolumeArgs(
                    name="scratch", empty_dir=core.v1.EmptyDirVolumeSourceArgs(size_limit="2Gi")
                )
            ],
        )

    def _container(self, image: str) -> core.v1.ContainerArgs:
        return core.v1.ContainerArgs(
            name=_NAME,
            image=image,
            args=["--model", self._args.model, "--host", "0.0.0.0", "--port", str(_PORT)],  # noqa: S104 - a pod
            env=[
                core.v1.EnvVarArgs(name="MLFLOW_TRACKING_URI", value="databricks"),
                core.v1.EnvVarArgs(name="MLFLOW_REGISTRY_URI", value="databricks-uc"),
                core.v1.EnvVarArgs(name="DATABRICKS_HOST", value=self._args.databricks_host),
            ],
            ports=[core.v1.ContainerPortArgs(name="http", container_port=_PORT, protocol="TCP")],
            resources=core.v1.ResourceRequirementsArgs(
                requests={"cpu": "500m", "memory": "1Gi"}, limits={"cpu": "2", "memory": "2Gi"}
            ),
            startup_probe=_probe("/ping", period_seconds=5, failure_threshold=60),
            readiness_probe=_probe("/ping", period_seconds=5, failure_threshold=3),
            liveness_probe=_probe("/health", period_seconds=10, failure_threshold=6),
            security_context=core.v1.SecurityContextArgs(
                allow_privilege_escalation=False,
                read_only_root_filesystem=True,
                run_as_non_root=True,
                capabilities=core.v1.CapabilitiesArgs(drop=["ALL"]),
            ),
            volume_mounts=[core.v1.VolumeMountArgs(name="scratch", mount_path="/tmp")],  # noqa: S108 - a pod's
        )


def _probe(path: str, *, period_seconds: int, failure_threshold: int) -> core.v1.ProbeArgs:
    return core.v1.ProbeArgs(
        http_get=core.v1.HTTPGetActionArgs(path=path, port=_PORT),
        period_seconds=period_seconds,
        failure_threshold=failure_threshold,
        timeout_seconds=2,
    )
