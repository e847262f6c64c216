"""Who calls, and who may do what with jobs, policies and pools."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lakeplane.local.deployed import JOB, POLICY, POOL
from lakeplane.local.rest.errors import ApiError, not_found
from lakeplane.local.rest.workspace import USER, workspace_of

__all__ = ["ROUTES"]

_PERMISSIONS = "databricks:index/permissions:Permissions"

# Path of the API: the permissions' argument, the type of what it names, and the API's word for it.
_OBJECTS = {
    "jobs": ("job_id", JOB, "job"),
    "cluster-policies": ("cluster_policy_id", POLICY, "cluster-policy"),
    "instance-pools": ("instance_pool_id", POOL, "instance-pool"),
}


def get_me(_: Request) -> Response:
    """Return the user whose token it is."""
    return JSONResponse(
        {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "id": "1",
            "userName": USER,
            "displayName": "lakeplane",
            "active": True,
            "emails": [{"type": "work", "value": USER, "primary": True}],
            "groups": [{"display": "admins", "type": "direct", "value": "1"}],
        }
    )


def get_host_metadata(request: Request) -> Response:
    """Tell clients where to sign in, as a workspace does; a token needs none of it."""
    host = str(request.base_url).rstrip("/")
    return JSONResponse({"oidc_endpoint": f"{host}/oidc", "cloud": "AZURE"})


def get_permissions(request: Request) -> Response:
    """Return the access control list of an object; its creator owns it."""
    kind, object_id = request.path_params["kind"], request.path_params["id"]
    if kind not in _OBJECTS:
        raise ApiError(501, "NOT_IMPLEMENTED", f"permissions of {kind} are not simulated")
    argument, token, word = _OBJECTS[kind]
    deployed = workspace_of(request).deployed
    known = {resource.id for resource, _ in deployed.resources(token)}
    if kind == "jobs":
        known |= {str(job.job_id) for job in deployed.jobs()}
    if object_id not in known:
        raise not_found(f"{word} {object_id} does not exist.")
    entries = [{"user_name": USER, "permission_level": "IS_OWNER" if kind == "jobs" else "CAN_MANAGE"}]
    for _, document in deployed.resources(_PERMISSIONS):
        if str(document.get(argument)) == object_id:
            entries += document.get("access_control_list", ())
    return JSONResponse(
        {
            "object_id": f"/{kind}/{object_id}",
            "object_type": word,
            "access_control_list": [
                {name: value for name, value in entry.items() if name != "permission_level"}
                | {
                    "all_permissions": [
                        {"permission_level": entry.get("permission_level"), "inherited": False}
                    ]
                }
                for entry in entries
            ],
        }
    )


ROUTES = [
    Route("/.well-known/databricks-config", get_host_metadata, methods=["GET"]),
    Route("/api/2.0/preview/scim/v2/Me", get_me, methods=["GET"]),
    Route("/api/2.0/permissions/{kind}/{id}", get_permissions, methods=["GET"]),
]
