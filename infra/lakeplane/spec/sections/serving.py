"""Serving of models."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from lakeplane.spec.scalars import ContainerImage, ModelName
from lakeplane.spec.sections.base import SpecModel

__all__ = ["ServingSpec"]


class ServingSpec(SpecModel):
    """The scoring service on AKS.

    Attributes:
        image: Container image by digest; without one, everything but Deployment and autoscaler is made, and
            `validate` says what is awaited.
        model: Registered model to serve, without catalog and schema; `load_forecast` if left out.
        model_version: Version to serve, which then changes with the spec alone; if left out, the version
            that has the alias `champion` when the service starts.
    """

    image: ContainerImage | None = None
    model: ModelName = "load_forecast"
    model_version: Annotated[int, Field(ge=1)] | None = None
