"""What AKS refuses in a cluster, a node pool or a maintenance window, each with its source."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_address, ip_network
from typing import Any

from lakeplane.local.simulators.model import Failure, at, known
from lakeplane.spec.sizes import vm_sizes

__all__ = ["AKS_RULES"]

# AKS documentation (MicrosoftDocs/azure-aks-docs, 2026-08-21), page by page below.
_POOL_NAME = re.compile(r"[a-z][a-z0-9]{0,11}")  # create-node-pools: Linux pools
_TAINT = re.compile(r"[^=:\s]+=[^=:\s]*:(NoSchedule|PreferNoSchedule|NoExecute)")
_SURGE = re.compile(r"[0-9]{1,3}%?")
_OFFSET = re.compile(r"[+-](0[0-9]|1[0-4]):[0-5][0-9]")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_MAX_PODS = 250  # concepts-network-azure-cni-overlay: pods of a node
_MAX_NODES = 1000  # quotas-skus-regions: nodes of a pool
_SYSTEM_CORES = 4  # use-system-pools: at least 4 vCPUs and 4 GB
_DISK_LIMITS = (30, 2048)  # REST, AgentPool.osDiskSizeGB; 0 stands for the default
_MAINTENANCE = ("default", "aksManagedAutoUpgradeSchedule", "aksManagedNodeOSUpgradeSchedule")
_SCHEDULES = ("daily", "weekly", "absoluteMonthly", "relativeMonthly")
_HOURS = (4, 24)  # REST, MaintenanceWindow.durationHours
_IMAGE_CLEANER_HOURS = (24, 2160)  # image-cleaner: every day to every three months


def _cluster(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    pools = known(inputs, "agentPoolProfiles")
    if isinstance(pools, list):
        if not any(pool.get("mode") == "System" for pool in pools):
            yield Failure("agentPoolProfiles", "a cluster needs a pool of mode System")
        for index, pool in enumerate(pools):
            path = f"agentPoolProfiles[{index}]"
            if not _POOL_NAME.fullmatch(str(pool.get("name", ""))):
                yield Failure(f"{path}.name", "1-12 lower-case letters and digits, starting with a letter")
            for failure in _pool(pool):
                yield Failure(f"{path}.{failure.path}", failure.reason)
    yield from _network(inputs)
    yield from _access(inputs)
    yield from _identity(inputs)
    yield from _secrets_encryption(inputs)
    hours = known(inputs, "securityProfile.imageCleaner.intervalHours")
    low, high = _IMAGE_CLEANER_HOURS
    if hours is not None and not low <= hours <= high:
        yield Failure("securityProfile.imageCleaner.intervalHours", f"found {hours}; {low} to {high} hours")


def _network(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    profile = at(inputs, "networkProfile") or {}
    plugin, mode, plane, policy = (
        known(profile, key)
        for key in ("networkPlugin", "networkPluginMode", "networkDataplane", "networkPolicy")
    )
    # azure-cni-powered-by-cilium and use-network-policies.
    if plane == "cilium" and plugin != "azure":
        yield Failure("networkProfile.networkDataplane", "cilium comes with the plugin azure only")
    if plane == "cilium" and policy not in (None, "cilium"):
        yield Failure("networkProfile.networkPolicy", f"found {policy}; with the data plane cilium: cilium")
    if policy == "cilium" and plane != "cilium":
        yield Failure("networkProfile.networkPolicy", "cilium needs the data plane cilium")
    if policy == "azure" and plugin != "azure":
        yield Failure("networkProfile.networkPolicy", "azure needs the plugin azure")
    if mode == "overlay" and plugin != "azure":
        yield Failure("networkProfile.networkPluginMode", "overlay comes with the plugin azure only")
    ranges = {key: known(profile, key) for key in ("podCidr", "serviceCidr")}
    if all(ranges.values()) and ip_network(ranges["podCidr"]).overlaps(ip_network(ranges["serviceCidr"])):
        yield Failure("networkProfile.podCidr", "overlaps serviceCidr")
    service, dns = ranges["serviceCidr"], known(profile, "dnsServiceIP")
    if service and dns and ip_address(dns) not in ip_network(service):
        yield Failure("networkProfile.dnsServiceIP", f"{dns} is not in serviceCidr {service}")
    outbound = known(profile, "outboundType")
    subnets = [pool.get("vnetSubnetID") for pool in at(inputs, "agentPoolProfiles") or []]
    if outbound in ("userAssignedNATGateway", "userDefinedRouting") and not all(subnets):
        yield Failure("networkProfile.outboundType", f"{outbound} needs a subnet of one's own for each pool")


def _access(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    profile = "apiServerAccessProfile"
    # api-server-authorized-ip-ranges: not with a private cluster, and 200 at most.
    ranges = known(inputs, f"{profile}.authorizedIPRanges") or []
    if ranges and known(inputs, f"{profile}.enablePrivateCluster"):
        yield Failure(f"{profile}.authorizedIPRanges", "a private cluster takes no authorised ranges")
    if len(ranges) > 200:
        yield Failure(f"{profile}.authorizedIPRanges", f"found {len(ranges)}; 200 at most")
    yield from _api_server_zone(inputs)
    # api-server-vnet-integration: with a network of one's own, a subnet for the API server as well.
    integrated = known(inputs, f"{profile}.enableVnetIntegration")
    pools = known(inputs, "agentPoolProfiles") or []
    own_network = any(pool.get("vnetSubnetID") for pool in pools)
    if integrated and own_network and at(inputs, f"{profile}.subnetId") is None:
        yield Failure(f"{profile}.subnetId", "is missing: nodes have a network of one's own")
    # manage-local-accounts-managed-azure-ad, manage-azure-rbac and workload-identity-overview.
    if known(inputs, "disableLocalAccounts") and not known(inputs, "aadProfile.managed"):
        yield Failure("disableLocalAccounts", "needs aadProfile.managed, or nobody could sign in")
    if known(inputs, "aadProfile.enableAzureRBAC") and not known(inputs, "enableRBAC"):
        yield Failure("aadProfile.enableAzureRBAC", "needs enableRBAC")
    workload_identity = known(inputs, "securityProfile.workloadIdentity.enabled")
    if workload_identity and not known(inputs, "oidcIssuerProfile.enabled"):
        yield Failure("securityProfile.workloadIdentity.enabled", "needs oidcIssuerProfile.enabled")


def _api_server_zone(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    # private-clusters, configure a private DNS zone; the form of its name with API server VNet integration.
    path = "apiServerAccessProfile.privateDNSZone"
    zone = known(inputs, path)
    own = isinstance(zone, str) and zone.startswith("/subscriptions/")
    if own:
        expected = f"private.{known(inputs, 'location')}.azmk8s.io"
        name = zone.rpartition("/")[2]
        if name != expected and not name.endswith(f".{expected}"):
            yield Failure(path, f"{name} is no zone of API servers; allowed: {expected} or a zone below it")
        if known(inputs, "identity.type") != "UserAssigned":
            yield Failure("identity.type", "a zone of one's own needs a user-assigned identity")
    elif zone not in (None, "system", "none"):
        yield Failure(path, f"{zone!r} is neither system, none nor the id of a zone")
    if known(inputs, "fqdnSubdomain") is not None and not own and at(inputs, path) != {"$unknown": True}:
        yield Failure("fqdnSubdomain", "comes with a private DNS zone of one's own only")
    if known(inputs, "fqdnSubdomain") is not None and known(inputs, "dnsPrefix") is not None:
        yield Failure("dnsPrefix", "goes not together with fqdnSubdomain")
    if zone == "none" and known(inputs, "apiServerAccessProfile.enablePrivateClusterPublicFQDN") is False:
        yield Failure(path, "without a zone the API server needs its public name")


def _identity(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    # use-managed-identity: a kubelet identity of one's own, and private DNS or routes, take such a cluster.
    user_assigned = known(inputs, "identity.type") == "UserAssigned"
    if at(inputs, "identityProfile.kubeletidentity") is not None and not user_assigned:
        yield Failure("identityProfile.kubeletidentity", "needs a user-assigned identity of the cluster")
    if known(inputs, "networkProfile.outboundType") == "userDefinedRouting" and not user_assigned:
        yield Failure("identity.type", "userDefinedRouting needs a user-assigned identity")


def _secrets_encryption(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    # use-kms-etcd-encryption.
    path = "securityProfile.azureKeyVaultKms"
    if not known(inputs, f"{path}.enabled"):
        return
    if at(inputs, f"{path}.keyId") is None:
        yield Failure(f"{path}.keyId", "is missing: the identifier of a key with its version")
    key = known(inputs, f"{path}.keyId")
    if key is not None and not re.fullmatch(r"https://[^/]+/keys/[^/]+/[^/]+", key):
        yield Failure(f"{path}.keyId", f"{key!r} is no identifier of a key with its version")
    if known(inputs, "identity.type") != "UserAssigned":
        yield Failure("identity.type", "the key needs a user-assigned identity, which has rights beforehand")
    access = known(inputs, f"{path}.keyVaultNetworkAccess") or "Public"
    vault = at(inputs, f"{path}.keyVaultResourceId")
    if access == "Private" and vault is None:
        yield Failure(f"{path}.keyVaultResourceId", "is missing: a private vault is named by its id")
    if access == "Public" and vault is not None:
        yield Failure(f"{path}.keyVaultResourceId", "is for private vaults; leave it out")
    if access == "Private" and not known(inputs, "apiServerAccessProfile.enableVnetIntegration"):
        yield Failure(f"{path}.keyVaultNetworkAccess", "Private needs API server VNet integration")


def _pool(pool: Mapping[str, Any]) -> Iterator[Failure]:
    yield from _counts(pool)
    yield from _disk(pool)
    size = vm_sizes().get(str(known(pool, "vmSize")))
    if known(pool, "mode") == "System":
        if size is not None and size.vcpus < _SYSTEM_CORES:
            yield Failure(
                "vmSize", f"{size.size} has {size.vcpus} vCPUs; a system pool needs {_SYSTEM_CORES}"
            )
        if known(pool, "osType") not in (None, "Linux"):
            yield Failure("osType", "a system pool runs Linux")
        if known(pool, "scaleSetPriority") == "Spot":
            yield Failure("scaleSetPriority", "a system pool can't be Spot")
    yield from _system_images(pool)
    pods = known(pool, "maxPods")
    if pods is not None and not 10 <= pods <= _MAX_PODS:  # configure-azure-cni: at least 10
        yield Failure("maxPods", f"found {pods}; 10 to {_MAX_PODS}")
    for taint in known(pool, "nodeTaints") or []:
        if not _TAINT.fullmatch(taint):
            yield Failure("nodeTaints", f"{taint!r} is not key=value:Effect")
    for zone in known(pool, "availabilityZones") or []:
        if zone not in ("1", "2", "3"):
            yield Failure("availabilityZones", f"found {zone!r}; 1, 2 and 3")
    surge = known(pool, "upgradeSettings.maxSurge")
    if surge is not None and not _SURGE.fullmatch(surge):
        yield Failure("upgradeSettings.maxSurge", f"{surge!r} is neither a number nor a percentage")


def _system_images(pool: Mapping[str, Any]) -> Iterator[Failure]:
    size = vm_sizes().get(str(known(pool, "vmSize")))
    sku = known(pool, "osSKU")
    if known(pool, "osType") == "Windows" and sku in ("AzureLinux", "Ubuntu"):
        yield Failure("osSKU", f"{sku} is no Windows")
    if size is not None and size.gpus and sku == "AzureLinuxOSGuard":  # use-nvidia-gpu
        yield Failure("osSKU", "AzureLinuxOSGuard runs on no GPU size")
    if at(pool, "gpuProfile") is not None and size is not None and not size.gpus:
        yield Failure("gpuProfile", f"{size.size} has no GPU")


def _counts(pool: Mapping[str, Any]) -> Iterator[Failure]:
    low, high, count = (known(pool, key) for key in ("minCount", "maxCount", "count"))
    scales = known(pool, "enableAutoScaling")
    if scales and (low is None or high is None):
        yield Failure("enableAutoScaling", "needs minCount and maxCount")
    if not scales and (low is not None or high is not None):
        yield Failure("minCount", "needs enableAutoScaling")
    if low is not None and high is not None and low > high:
        yield Failure("minCount", f"{low} is more than maxCount {high}")
    if high is not None and not 1 <= high <= _MAX_NODES:
        yield Failure("maxCount", f"found {high}; 1 to {_MAX_NODES}")
    if known(pool, "mode") == "System" and any(each == 0 for each in (low, count)):
        yield Failure("minCount" if low == 0 else "count", "a system pool can't be empty")
    if count is not None and low is not None and high is not None and not low <= count <= high:
        yield Failure("count", f"{count} is not between minCount {low} and maxCount {high}")


def _disk(pool: Mapping[str, Any]) -> Iterator[Failure]:
    gib = known(pool, "osDiskSizeGB")
    low, high = _DISK_LIMITS
    if gib and not low <= gib <= high:
        yield Failure("osDiskSizeGB", f"found {gib}; {low} to {high} GiB, or 0")
    size = vm_sizes().get(str(known(pool, "vmSize")))
    if known(pool, "osDiskType") != "Ephemeral" or size is None or size.temp_disk_gib is None:
        return
    # concepts-storage: a requested ephemeral disk that doesn't fit is a validation error. Families with a
    # cache are measured by it, which the table of sizes lacks.
    if size.temp_disk_gib == 0:
        yield Failure("osDiskType", f"{size.size} has no temporary disk for an ephemeral one")
    elif size.size.endswith("_v5") and gib and gib > size.temp_disk_gib:
        yield Failure("osDiskSizeGB", f"{gib} GiB don't fit on {size.size}'s {size.temp_disk_gib} GiB")


def _window(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    # planned-maintenance.
    name = known(inputs, "configName")
    if name is not None and name not in _MAINTENANCE:
        yield Failure("configName", f"found {name}; one of {', '.join(_MAINTENANCE)}")
    path = "maintenanceWindow"
    window = at(inputs, path)
    if window is None:
        return
    low, high = _HOURS
    hours = known(window, "durationHours")
    if hours is not None and not low <= hours <= high:
        yield Failure(f"{path}.durationHours", f"found {hours}; {low} to {high}")
    start, offset = known(window, "startTime"), known(window, "utcOffset")
    if start is not None and not _TIME.fullmatch(start):
        yield Failure(f"{path}.startTime", f"{start!r} is not a time from 00:00 to 23:59")
    if offset is not None and not _OFFSET.fullmatch(offset):
        yield Failure(f"{path}.utcOffset", f"{offset!r} is not an offset such as +05:30")
    kinds = [kind for kind in _SCHEDULES if at(window, f"schedule.{kind}") is not None]
    if len(kinds) != 1:
        yield Failure(f"{path}.schedule", f"found {', '.join(kinds) or 'none'}; exactly one kind")
    if name == "default" and kinds and kinds != ["weekly"]:
        yield Failure(f"{path}.schedule", "default takes a weekly schedule only")


AKS_RULES: Mapping[str, Callable[[Mapping[str, Any]], Iterator[Failure]]] = {
    "azure-native:containerservice:AgentPool": _pool,
    "azure-native:containerservice:MaintenanceConfiguration": _window,
    "azure-native:containerservice:ManagedCluster": _cluster,
}
"""Rules by type token; what isn't known yet is left out of them."""
