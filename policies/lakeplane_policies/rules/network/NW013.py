"""Container environments are inside the network.

An environment of Container Apps that isn't internal has a public address, and every app in it may take calls
from the internet.

Anti-pattern:

    ManagedEnvironment("runner", vnet_configuration=VnetConfigurationArgs(internal=False))

Best practice:

    ManagedEnvironment(
        "runner",
        public_network_access="Disabled",
        vnet_configuration=VnetConfigurationArgs(internal=True, infrastructure_subnet_id=subnet.id),
    )

Documents: Microsoft Learn, "Networking in Azure Container Apps environment".
"""

from lakeplane_policies.conditions import all_of, must_be
from lakeplane_policies.rule import MANDATORY, Impact, Rule

RULE = Rule(
    code="NW013",
    title="container environments are inside the network",
    types=("azure-native:app:ManagedEnvironment",),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes="alike in both: nobody calls a runner from outside",
    judge=all_of(must_be("vnetConfiguration.internal", True), must_be("publicNetworkAccess", "Disabled")),
    remedy='set vnet_configuration.internal=True and public_network_access="Disabled"',
    sources=(
        "PSRule Azure.ContainerApp.PublicAccess",
        "MCSB NS-2",
    ),
)
