"""What is deployed in the simulated workspace, in the form of its REST API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakeplane.local.places import CloudPlaces
from lakeplane.local.resources import Resource, Resources
from lakeplane.local.store import Store
from lakeplane.provider_models.names import pulumi_to_rest

__all__ = ["CATALOG", "JOB", "POLICY", "POOL", "SCHEMA", "VOLUME", "Deployed", "Job", "Schema"]

JOB = "databricks:index/job:Job"
POLICY = "databricks:index/clusterPolicy:ClusterPolicy"
POOL = "databricks:index/instancePool:InstancePool"
CATALOG = "databricks:index/catalog:Catalog"
SCHEMA = "databricks:index/schema:Schema"
VOLUME = "databricks:index/volume:Volume"

API_JOB = "job"
"""Kind under which the store keeps jobs that were created through the API and not by the engine."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job: its id, its settings in the API's own words, and when it was created (seconds since 1970)."""

    job_id: int
    settings: dict[str, Any]
    created: float


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema: `url` is where its tables lie, `directory` where that is on this machine."""

    catalog: str
    name: str
    url: str
    directory: Path


class Deployed:
    """Jobs, policies, pools and the catalog, read from the store at every call."""

    def __init__(self, store: Store, places: CloudPlaces) -> None:
        self._store = store
        self._places = places
        self._resources = Resources(store)

    def resources(self, token: str) -> list[tuple[Resource, dict[str, Any]]]:
        """Return all resources of one type, each with its inputs in the form of the REST API."""
        return [
            (resource, pulumi_to_rest(token, resource.plain_inputs))
            for resource in self._resources.of_type(token)
        ]

    def jobs(self) -> list[Job]:
        """Return every job, the newest first as the API lists them."""
        found = [Job(int(item.id), settings, item.created) for item, settings in self.resources(JOB)]
        for row in self._store.query("SELECT id, document FROM api_objects WHERE kind = ?", (API_JOB,)):
            document = json.loads(row["document"])
            found.append(Job(int(row["id"]), document["settings"], document["created"]))
        return sorted(found, key=lambda job: (-job.created, job.job_id))

    def job(self, job_id: int) -> Job | None:
        """Return one job."""
        return next((job for job in self.jobs() if job.job_id == job_id), None)

    def policy(self, policy_id: str) -> dict[str, Any] | None:
        """Return one cluster policy."""
        return next((item for item in self.policies() if item["policy_id"] == policy_id), None)

    def policies(self) -> list[dict[str, Any]]:
        """Return every cluster policy; `definition` is JSON text, as in the API."""
        return [
            {
                "policy_id": resource.id,
                "creator_user_name": "",
                "created_at_timestamp": round(resource.created * 1000),
                "is_default": False,
                **document,
            }
            for resource, document in self.resources(POLICY)
        ]

    def pools(self) -> list[dict[str, Any]]:
        """Return every instance pool; no machine of theirs exists."""
        return [
            {
                "instance_pool_id": resource.id,
                "state": "ACTIVE",
                "stats": {
                    "used_count": 0,
                    "idle_count": 0,
                    "pending_used_count": 0,
                    "pending_idle_count": 0,
                },
                "status": {},
                **document,
            }
            for resource, document in self.resources(POOL)
        ]

    def pool_sizes(self) -> dict[str, str]:
        """Return the size of each pool's machines by the pool's id."""
        return {pool["instance_pool_id"]: pool.get("node_type_id", "") for pool in self.pools()}

    def catalogs(self) -> list[tuple[Resource, dict[str, Any]]]:
        """Return every catalog."""
        return self.resources(CATALOG)

    def schemas(self, catalog: str) -> Iterator[Schema]:
        """Yield the schemas of a catalog that have storage, their own or their catalog's."""
        for _, document in self.resources(SCHEMA):
            if document.get("catalog_name") != catalog:
                continue
            url = str(document.get("storage_root") or self._inherited_root(catalog, document["name"]))
            directory = self._places.lake_path(url)
            if directory is not None:
                yield Schema(catalog, document["name"], url.rstrip("/"), directory)

    def _inherited_root(self, catalog: str, schema: str) -> str:
        for _, document in self.catalogs():
            if document.get("name") == catalog and document.get("storage_root"):
                return f"{str(document['storage_root']).rstrip('/')}/{schema}"
        return ""
