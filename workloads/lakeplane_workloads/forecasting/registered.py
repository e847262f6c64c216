"""Registered forecasts: logged together with their code, and read back with their hash compared."""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from mlflow.models import Model, ModelSignature
from mlflow.types import ColSpec, Schema, TensorSpec

from lakeplane_workloads import registry
from lakeplane_workloads.forecasting import scoring
from lakeplane_workloads.forecasting.features import INPUT_COLUMNS
from lakeplane_workloads.forecasting.scoring import FORMAT, LAG_COLUMNS, PackedForecasts

__all__ = [
    "ModelDamagedError",
    "RegisteredForecasts",
    "load_registered",
    "log_forecasts",
    "model_name",
    "signature",
    "version_tags",
]

PARAMETERS = "parameters"
_REQUIREMENTS = ("numpy", "pandas", "tzdata")
_ENTRY = "\n\nfrom mlflow.models import set_model\n\nset_model(LoadForecastModel())\n"


class ModelDamagedError(ValueError):
    """Raised when a registered version does not hold the forecasts that it was registered with."""


@dataclass(frozen=True)
class RegisteredForecasts:
    """A registered version and what it holds; its parameters' hash has been compared with the registry's."""

    version: registry.RegisteredVersion
    forecasts: PackedForecasts
    input_columns: tuple[tuple[str, str], ...]


def model_name(catalog: str) -> str:
    """Return the registered model's name in a catalog."""
    return f"{catalog}.ml.load_forecast"


def version_tags(forecasts: PackedForecasts, data_version: int) -> dict[str, str]:
    """Return the tags that tell one version from another: the same ones mean the same model."""
    return {"parameter_sha256": forecasts.sha256, "data_version": str(data_version)}


def signature() -> ModelSignature:
    """Return the model's signature: one row asks for one hour of one load, the answer is in MW."""
    types = {"load": "string", "target_hour": "string", **dict.fromkeys(LAG_COLUMNS, "double")}
    inputs = Schema([ColSpec(types[column], column) for column in INPUT_COLUMNS])
    return ModelSignature(inputs, Schema([TensorSpec(np.dtype(np.float64), (-1,))]))


def log_forecasts(forecasts: PackedForecasts, example: pd.DataFrame) -> Any:
    """Log the forecasts to the active run as one model that carries its own code and no pickle.

    Returns:
        MLflow's `ModelInfo`.
    """
    with tempfile.TemporaryDirectory() as scratch:
        parameters = Path(scratch, f"{PARAMETERS}.npz")
        forecasts.save(parameters)
        script = Path(scratch, "load_forecast.py")
        script.write_text(inspect.getsource(scoring) + _ENTRY, encoding="utf-8")
        return mlflow.pyfunc.log_model(
            name="load_forecast",
            python_model=str(script),
            artifacts={PARAMETERS: str(parameters)},
            signature=signature(),
            input_example=example,
            # Given, because inferring them loads the model in a process of its own.
            pip_requirements=[
                # By its import, because a cluster may have only mlflow-skinny, and serving needs the whole.
                f"mlflow=={mlflow.__version__}",
                *(f"{name}=={metadata.version(name)}" for name in _REQUIREMENTS),
            ],
            metadata={"format": FORMAT, "parameter_sha256": forecasts.sha256},
        )


def load_registered(version: registry.RegisteredVersion) -> RegisteredForecasts:
    """Fetch a registered version's parameters; none of the model's code is run.

    Raises:
        ModelDamagedError: If the version is of another kind, or its parameters are not those registered.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(mlflow.artifacts.download_artifacts(version.uri, dst_path=scratch))
        model = Model.load(folder)
        stored = (model.metadata or {}).get("format")
        if stored != FORMAT:
            raise ModelDamagedError(f"{version.uri} is of the format {stored}; this code scores {FORMAT}")
        flavor: Mapping[str, Any] = model.flavors["python_function"]
        place = (folder / flavor["artifacts"][PARAMETERS]["path"]).resolve()
        if folder.resolve() not in place.parents:
            raise ModelDamagedError(f"{version.uri} names parameters outside its own folder")
        try:
            forecasts = PackedForecasts.load(place)
        except (ValueError, KeyError, OSError) as error:
            raise ModelDamagedError(f"the parameters of {version.uri} cannot be read: {error}") from error
        columns = tuple((column.name, column.type.name) for column in model.get_input_schema().inputs)
    expected = version.tags.get("parameter_sha256")
    if forecasts.sha256 != expected:
        raise ModelDamagedError(
            f"the parameters of {version.uri} have the hash {forecasts.sha256}; registered was {expected}"
        )
    return RegisteredForecasts(version, forecasts, columns)
