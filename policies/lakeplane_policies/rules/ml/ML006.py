"""ML nodes have no public addresses, nor log-ins from outside.

A node with a public address stands on the internet with its remote port.

Anti-pattern:

    AmlComputePropertiesArgs(enable_node_public_ip=True, remote_login_port_public_access="Enabled")

Best practice:

    AmlComputePropertiesArgs(enable_node_public_ip=False, remote_login_port_public_access="Disabled")

Documents: Microsoft Learn, "Secure an Azure Machine Learning training environment with virtual networks".
"""

from collections.abc import Iterator
from typing import Any

from lakeplane_policies.conditions import must_be, must_not_be
from lakeplane_policies.reading import read
from lakeplane_policies.rule import ALIKE, MANDATORY, Impact, Rule, Violation
from lakeplane_policies.settings import Settings
from lakeplane_policies.tokens import ML_COMPUTE

_ADDRESS = must_be("properties.properties.enableNodePublicIp", False)
_LOGIN = must_be("properties.properties.remoteLoginPortPublicAccess", "Disabled")
_SSH = must_not_be("properties.properties.sshSettings.sshPublicAccess", "Enabled")


def _judge(inputs: Any, settings: Settings) -> Iterator[Violation]:
    yield from _ADDRESS(inputs, settings)
    if read(inputs, "properties.computeType") == "ComputeInstance":
        yield from _SSH(inputs, settings)
    else:
        yield from _LOGIN(inputs, settings)


RULE = Rule(
    code="ML006",
    title="ML nodes have no public addresses, nor log-ins from outside",
    types=(ML_COMPUTE,),
    impact=Impact.HIGH,
    tiers=MANDATORY,
    modes=ALIKE,
    judge=_judge,
    remedy='set enable_node_public_ip=False and remote_login_port_public_access="Disabled"',
    sources=(
        "PSRule Azure.ML.ComputeVnet",
        "MCSB NS-2",
    ),
)
