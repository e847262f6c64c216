"""What all sections of a spec share."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

__all__ = ["SpecModel"]


class SpecModel(BaseModel):
    """A part of a spec: frozen, without unknown keys, and without silent conversions."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
