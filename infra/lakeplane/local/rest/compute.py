"""Cluster policies, clusters and instance pools."""

from __future__ import annotations

import json
import time
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lakeplane.local.rest.errors import invalid, not_found
from lakeplane.local.rest.workspace import USER, Workspace, body_of, workspace_of
from lakeplane.local.runs import ClusterRefusedError
from lakeplane.local.runs.admission import admit_cluster

__all__ = ["ROUTES"]

_NO_MACHINES = (
    "The cluster keeps to its policy. The simulated workspace starts no machines for clusters, "
    "only drivers for the job clusters of job runs."
)


def list_policies(request: Request) -> Response:
    """List the cluster policies."""
    policies = sorted(workspace_of(request).deployed.policies(), key=lambda policy: str(policy.get("name")))
    return JSONResponse({"policies": policies, "total_count": len(policies)})


def get_policy(request: Request) -> Response:
    """Return one cluster policy."""
    policy_id = request.query_params.get("policy_id", "")
    policy = workspace_of(request).deployed.policy(policy_id)
    if policy is None:
        raise not_found(f"Can't find a cluster policy with id: {policy_id}.")
    return JSONResponse(policy)


def list_pools(request: Request) -> Response:
    """List the instance pools."""
    return JSONResponse({"instance_pools": workspace_of(request).deployed.pools()})


def get_pool(request: Request) -> Response:
    """Return one instance pool."""
    pool_id = request.query_params.get("instance_pool_id", "")
    for pool in workspace_of(request).deployed.pools():
        if pool["instance_pool_id"] == pool_id:
            return JSONResponse(pool)
    raise not_found(f"Can't find an instance pool with id: {pool_id}.")


async def create_cluster(request: Request) -> Response:
    """Judge a cluster by its policy, and remember it without starting it."""
    workspace, body = workspace_of(request), await body_of(request)
    return JSONResponse(await run_in_threadpool(_create, workspace, body))


def list_clusters(request: Request) -> Response:
    """List the clusters that were created."""
    rows = workspace_of(request).store.query("SELECT document FROM clusters ORDER BY cluster_id DESC")
    return JSONResponse({"clusters": [json.loads(row["document"]) for row in rows]})


def get_cluster(request: Request) -> Response:
    """Return one cluster."""
    cluster_id = request.query_params.get("cluster_id", "")
    rows = workspace_of(request).store.query(
        "SELECT document FROM clusters WHERE cluster_id = ?", (cluster_id,)
    )
    if not rows:
        raise invalid(f"Cluster {cluster_id} does not exist")
    return JSONResponse(json.loads(rows[0]["document"]))


async def delete_cluster(request: Request) -> Response:
    """Forget a cluster."""
    workspace, body = workspace_of(request), await body_of(request)
    cluster_id = str(body.get("cluster_id", ""))
    if not workspace.store.execute("DELETE FROM clusters WHERE cluster_id = ?", (cluster_id,)):
        raise invalid(f"Cluster {cluster_id} does not exist")
    return JSONResponse({})


def _create(workspace: Workspace, body: dict[str, Any]) -> dict[str, Any]:
    try:
        cluster = admit_cluster(workspace.deployed, body, "all-purpose")
    except ClusterRefusedError as error:
        raise invalid(error.message) from error
    if not cluster.get("spark_version"):
        raise invalid("Missing required field: spark_version")
    if not cluster.get("node_type_id") and not cluster.get("instance_pool_id"):
        raise invalid("Missing required field: node_type_id or instance_pool_id")
    now = time.time()
    with workspace.store.transaction():
        count = workspace.store.query("SELECT COUNT(*) FROM clusters")[0][0]
        stamp = time.strftime("%m%d-%H%M%S", time.gmtime(now))
        cluster_id = f"{stamp}-local{count + 1:03d}"
        document = cluster | {
            "cluster_id": cluster_id,
            "creator_user_name": USER,
            "cluster_source": "API",
            "start_time": round(now * 1000),
            "terminated_time": round(now * 1000),
            "state": "TERMINATED",
            "state_message": _NO_MACHINES,
            "termination_reason": {
                "code": "INVALID_ARGUMENT",
                "type": "CLIENT_ERROR",
                "parameters": {"databricks_error_message": _NO_MACHINES},
            },
        }
        workspace.store.execute("INSERT INTO clusters VALUES (?, ?)", (cluster_id, json.dumps(document)))
    return {"cluster_id": cluster_id}


ROUTES = [
    Route("/api/2.0/policies/clusters/list", list_policies, methods=["GET"]),
    Route("/api/2.0/policies/clusters/get", get_policy, methods=["GET"]),
    Route("/api/2.0/instance-pools/list", list_pools, methods=["GET"]),
    Route("/api/2.0/instance-pools/get", get_pool, methods=["GET"]),
    *(
        route
        for version in ("2.1", "2.0")
        for route in (
            Route(f"/api/{version}/clusters/create", create_cluster, methods=["POST"]),
            Route(f"/api/{version}/clusters/list", list_clusters, methods=["GET"]),
            Route(f"/api/{version}/clusters/get", get_cluster, methods=["GET"]),
            Route(f"/api/{version}/clusters/permanent-delete", delete_cluster, methods=["POST"]),
        )
    ),
]
