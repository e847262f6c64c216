"""Virtual machines, whoever runs them, and their disks."""

from __future__ import annotations

from lakeplane.costs.ledger import Ledger, Payer
from lakeplane.costs.span import Factor

__all__ = ["MACHINES", "charge_machines", "charge_managed_disks"]

MACHINES = "Virtual Machines"
"""The service that bills them."""

# Microsoft Learn, "Select a disk type for Azure IaaS VMs": sizes of Premium SSD; the smallest that holds it.
_PREMIUM_SSD = ((32, "p4"), (64, "p6"), (128, "p10"), (256, "p15"), (512, "p20"), (1024, "p30"))


def charge_machines(ledger: Ledger, payer: Payer, size: str, *factors: Factor, spot: bool = False) -> None:
    """Enter the hours of machines with Linux.

    A spot machine costs its spot price where one is known, and at most the price on demand, which it falls
    back to or is limited by; where none is known it is entered at the price on demand.

    Args:
        ledger: Where to enter them.
        payer: Who pays.
        size: Azure's name of the size.
        factors: Their product is the machine hours of a month.
        spot: Whether they are bought as spot or low-priority machines.
    """
    on_demand, note = f"vm:{size}", ""
    if spot:
        ceiling = ledger.prices.find(on_demand, payer.region)
        if ledger.prices.find(f"vm_spot:{size}", payer.region) is not None and ceiling is not None:
            ledger.charge(
                payer, f"vm_spot:{size}", *factors, service=MACHINES, what=f"{size}, spot", ceiling=ceiling
            )
            return
        note = "spot; no spot price is known, so this is the most that it costs"
    ledger.charge(payer, on_demand, *factors, service=MACHINES, what=size, note=note)


def charge_managed_disks(ledger: Ledger, payer: Payer, gigabytes: int, disks: Factor) -> None:
    """Enter the disks that machines start from, as Premium SSD."""
    kind = next((kind for most, kind in _PREMIUM_SSD if gigabytes <= most), None)
    what = f"OS disk of {gigabytes} GB"
    if kind is None:
        ledger.leave(payer, what, "no price for disks of this size")
        return
    ledger.charge(payer, f"managed_disk_{kind}_month", disks, service="Storage", what=what)
