"""Checks what a program registers against the SDKs' own types, and puts a team's overrides in."""

from lakeplane.registration.guard import (
    RegistrationRefusedError,
    Registrations,
    check_inputs,
    checked_registrations,
)
from lakeplane.registration.narrowing import narrow, narrowed_to

__all__ = [
    "RegistrationRefusedError",
    "Registrations",
    "check_inputs",
    "checked_registrations",
    "narrow",
    "narrowed_to",
]
