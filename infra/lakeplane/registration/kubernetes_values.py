"""Values that the Kubernetes API allows where the Pulumi SDK says only "text".

Taken from the Kubernetes API reference that `pulumi_kubernetes` 4.34 carries in its docstrings (read
2026-11-24; the tests compare each row with the installed SDK), and "Pod Security Admission" of the
Kubernetes documentation for the labels. Kubernetes compares letter by letter.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["KUBERNETES_VALUES", "LABEL_VALUES", "kubernetes_values"]

_PROTOCOLS = ("TCP", "UDP", "SCTP")
_ROLLOUTS = ("OnDelete", "RollingUpdate")
_PROFILES = ("Localhost", "RuntimeDefault", "Unconfined")
_HONOR = ("Honor", "Ignore")
_TRAFFIC = ("Cluster", "Local")

# By the SDK's class without `Args` and `Patch`, then by the input.
KUBERNETES_VALUES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "AppArmorProfile": {"type": _PROFILES},
    "Container": {
        "imagePullPolicy": ("Always", "Never", "IfNotPresent"),
        "terminationMessagePolicy": ("File", "FallbackToLogsOnError"),
    },
    "ContainerPort": {"protocol": _PROTOCOLS},
    "CronJobSpec": {"concurrencyPolicy": ("Allow", "Forbid", "Replace")},
    "DaemonSetUpdateStrategy": {"type": _ROLLOUTS},
    "DeploymentStrategy": {"type": ("Recreate", "RollingUpdate")},
    "HPAScalingPolicy": {"type": ("Pods", "Percent")},
    "HPAScalingRules": {"selectPolicy": ("Max", "Min", "Disabled")},
    "HTTPGetAction": {"scheme": ("HTTP", "HTTPS")},
    "JobSpec": {"completionMode": ("NonIndexed", "Indexed")},
    "LabelSelectorRequirement": {"operator": ("In", "NotIn", "Exists", "DoesNotExist")},
    "MetricSpec": {"type": ("ContainerResource", "External", "Object", "Pods", "Resource")},
    "MetricTarget": {"type": ("Utilization", "Value", "AverageValue")},
    "NetworkPolicyPort": {"protocol": _PROTOCOLS},
    "NetworkPolicySpec": {"policyTypes": ("Ingress", "Egress")},
    "NodeSelectorRequirement": {"operator": ("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")},
    "PersistentVolumeClaimSpec": {
        "accessModes": ("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"),
        "volumeMode": ("Block", "Filesystem"),
    },
    "PodDisruptionBudgetSpec": {"unhealthyPodEvictionPolicy": ("IfHealthyBudget", "AlwaysAllow")},
    "PodSpec": {
        "dnsPolicy": ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"),
        "preemptionPolicy": ("Never", "PreemptLowerPriority"),
        "restartPolicy": ("Always", "OnFailure", "Never"),
    },
    "SeccompProfile": {"type": _PROFILES},
    "ServicePort": {"protocol": _PROTOCOLS},
    "ServiceSpec": {
        "externalTrafficPolicy": _TRAFFIC,
        "internalTrafficPolicy": _TRAFFIC,
        "ipFamilies": ("IPv4", "IPv6"),
        "ipFamilyPolicy": ("SingleStack", "PreferDualStack", "RequireDualStack"),
        "sessionAffinity": ("ClientIP", "None"),
        "type": ("ExternalName", "ClusterIP", "NodePort", "LoadBalancer"),
    },
    "StatefulSetUpdateStrategy": {"type": _ROLLOUTS},
    "Subject": {"kind": ("User", "Group", "ServiceAccount")},
    "Taint": {"effect": ("NoSchedule", "PreferNoSchedule", "NoExecute")},
    "Toleration": {"effect": ("NoSchedule", "PreferNoSchedule", "NoExecute")},
    "TopologySpreadConstraint": {
        "nodeAffinityPolicy": _HONOR,
        "nodeTaintsPolicy": _HONOR,
        "whenUnsatisfiable": ("DoNotSchedule", "ScheduleAnyway"),
    },
}

_LEVELS = ("privileged", "baseline", "restricted")

# Kubernetes documentation, "Pod Security Admission", section "Pod Security Admission labels for namespaces".
LABEL_VALUES: Mapping[str, tuple[str, ...]] = {
    f"pod-security.kubernetes.io/{mode}": _LEVELS for mode in ("enforce", "audit", "warn")
}


def kubernetes_values(class_name: str, wire: str) -> tuple[str, ...]:
    """Return what an input of a class of `pulumi_kubernetes` may be; empty if anything may."""
    plain = class_name.removesuffix("Args").removesuffix("Patch")
    return KUBERNETES_VALUES.get(plain, {}).get(wire, ())
