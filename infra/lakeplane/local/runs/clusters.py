"""What a job cluster's driver is told: its libraries, its session, its variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from lakeplane.local.deployed import Deployed
from lakeplane.local.places import CloudPlaces
from lakeplane.local.runs.admission import cluster_key
from lakeplane.local.runs.libraries import unpack_wheels
from lakeplane.local.runs.pool import Fit

__all__ = ["NO_SESSION", "TrackingServer", "configuration", "fit_of", "variables", "warm_session"]

NO_SESSION = {"lakeplane.local.session": "none"}
"""`spark_conf` of a cluster whose tasks use no Spark: its driver starts no session."""

NO_TRACKING = "this-workspace-has-no-mlflow-server://"

# What a cluster's settings say of machines, and what means something to Databricks' own runtime only.
_NOT_LOCAL = ("spark.master", "spark.driver.", "spark.executor.", "spark.databricks.cluster.", "lakeplane.")

# What Databricks' runtime sets otherwise than Apache Spark does, and workloads rely on.
_RUNTIME = {"spark.sql.sources.default": "delta"}


class TrackingServer(Protocol):
    """Where tasks track runs and find models."""

    @property
    def url(self) -> str:
        """Its address."""

    def wait_ready(self) -> str:
        """Wait until it answers."""


def variables(cluster: Mapping[str, Any], tracking: TrackingServer | None) -> dict[str, str]:
    """Return the environment variables that a cluster's tasks see beside the usual ones."""
    found = {str(name): str(value) for name, value in (cluster.get("spark_env_vars") or {}).items()}
    # MLflow refuses an address of this kind. Without any it would write to the driver's scratch directory,
    # and what a run logs and registers would be lost behind its success.
    url = tracking.url if tracking is not None else NO_TRACKING
    return found | {"MLFLOW_TRACKING_URI": url, "MLFLOW_REGISTRY_URI": url}


def configuration(
    key: str,
    cluster: Mapping[str, Any],
    settings: Mapping[str, Any],
    parameters: Mapping[str, str],
    deployed: Deployed,
    places: CloudPlaces,
) -> dict[str, Any]:
    """Return the driver's `configure` request for one cluster of a job.

    Raises:
        ValueError: A wheel is unsafe to unpack.
    """
    libraries: Sequence[Mapping[str, Any]] = [
        library
        for task in settings["tasks"]
        if cluster_key(task) == key
        for library in task.get("libraries", ())
    ]
    conf = {str(name): str(value) for name, value in (cluster.get("spark_conf") or {}).items()}
    session: dict[str, Any] | None = None
    if not NO_SESSION.items() <= conf.items():
        kept = {name: value for name, value in conf.items() if not name.startswith(_NOT_LOCAL)}
        session = _session(
            _catalog(parameters, deployed),
            deployed,
            places,
            _RUNTIME | kept,
            f"{settings.get('name', 'job')} {key}",
        )
    return {
        "libraries": [str(path.resolve()) for path in unpack_wheels(libraries, places)],
        "session": session,
    }


def fit_of(request: Mapping[str, Any], environment: Mapping[str, str]) -> Fit:
    """Return what a driver is made for once it has got this `configure` request."""
    session = request["session"]
    return Fit(environment, session["conf"] if session else NO_SESSION, tuple(request["libraries"]))


def warm_session(deployed: Deployed, places: CloudPlaces) -> dict[str, Any]:
    """Return the driver's `warm` request: the session that a job without settings of its own will have.

    Tables of an earlier run are found while the driver warms, not while a job waits. Where there are none
    yet, jobs will write much: then the driver takes the slow first steps of writing ahead of them.
    """
    session = _session(_catalog({}, deployed), deployed, places, _RUNTIME, "warm")
    return {**session, "first_steps": not session["schemas"]}


def _session(
    catalog: str, deployed: Deployed, places: CloudPlaces, conf: Mapping[str, str], app_name: str
) -> dict[str, Any]:
    return {
        "catalog": catalog,
        "schemas": {schema.name: str(schema.directory.resolve()) for schema in deployed.schemas(catalog)},
        "warehouse": str((places.layout.cloud / "warehouse").resolve()),
        "conf": dict(conf),
        "app_name": app_name,
    }


def _catalog(parameters: Mapping[str, str], deployed: Deployed) -> str:
    """Choose the one catalog that a local session knows: the one the job names, else the first."""
    names = [document["name"] for _, document in deployed.catalogs()]
    asked = parameters.get("catalog")
    return str(names[0]) if names and asked not in names else asked or "local"
