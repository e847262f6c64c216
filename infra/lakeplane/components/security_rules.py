"""Rules of network security groups that more than one network has."""

from __future__ import annotations

from pulumi_azure_native import network as azure

__all__ = ["no_lateral_logins"]


def no_lateral_logins() -> azure.SecurityRuleArgs:
    """Nodes have no reason to log in to each other; Azure's default rules already refuse the way in."""
    return azure.SecurityRuleArgs(
        name="deny-lateral-logins",
        description="No remote logins from one machine to another",
        priority=1000,
        direction="Outbound",
        access="Deny",
        protocol="Tcp",
        source_address_prefix="VirtualNetwork",
        source_port_range="*",
        destination_address_prefix="VirtualNetwork",
        destination_port_ranges=["22", "3389"],
    )
