"""Unity Catalog: catalogs, schemas, tables, volumes, and who was granted what."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lakeplane.local.deployed import SCHEMA, VOLUME, Schema
from lakeplane.local.resources import Resource
from lakeplane.local.rest.errors import ApiError, invalid, not_found
from lakeplane.local.rest.tables import table_document, tables_of
from lakeplane.local.rest.workspace import USER, Workspace, page, workspace_of

__all__ = ["ROUTES"]

_GRANTS = "databricks:index/grants:Grants"


def list_catalogs(request: Request) -> Response:
    """List the catalogs."""
    found = workspace_of(request).deployed.catalogs()
    return _listed(request, "catalogs", [_catalog(*item) for item in found])


def get_catalog(request: Request) -> Response:
    """Return one catalog."""
    return JSONResponse(_catalog_named(workspace_of(request), request.path_params["name"]))


def list_schemas(request: Request) -> Response:
    """List the schemas of a catalog."""
    catalog = _asked(request, "catalog_name")
    _catalog_named(workspace_of(request), catalog)
    return _listed(request, "schemas", _schemas(workspace_of(request), catalog))


def get_schema(request: Request) -> Response:
    """Return one schema."""
    full_name = request.path_params["name"]
    for schema in _schemas(workspace_of(request), full_name.partition(".")[0]):
        if schema["full_name"] == full_name:
            return JSONResponse(schema)
    raise not_found(f"Schema '{full_name}' does not exist.", "SCHEMA_DOES_NOT_EXIST")


def list_tables(request: Request) -> Response:
    """List the Delta tables of a schema."""
    schema = _schema(workspace_of(request), _asked(request, "catalog_name"), _asked(request, "schema_name"))
    tables = list(tables_of(schema)) if schema else []
    if request.query_params.get("omit_columns") == "true":
        for table in tables:
            del table["columns"]
    return _listed(request, "tables", tables)


def get_table(request: Request) -> Response:
    """Return one table."""
    return JSONResponse(_table(request))


def table_exists(request: Request) -> Response:
    """Tell whether a table exists."""
    try:
        _table(request)
    except ApiError:
        return JSONResponse({"table_exists": False})
    return JSONResponse({"table_exists": True})


def list_volumes(request: Request) -> Response:
    """List the volumes of a schema."""
    prefix = f"{_asked(request, 'catalog_name')}.{_asked(request, 'schema_name')}."
    volumes = _volumes(workspace_of(request))
    found = [volume for volume in volumes if volume["full_name"].startswith(prefix)]
    return _listed(request, "volumes", found)


def get_volume(request: Request) -> Response:
    """Return one volume."""
    full_name = request.path_params["name"]
    for volume in _volumes(workspace_of(request)):
        if volume["full_name"] == full_name:
            return JSONResponse(volume)
    raise not_found(f"Volume '{full_name}' does not exist.")


def get_grants(request: Request) -> Response:
    """Return who was granted what on a securable."""
    kind, full_name = request.path_params["kind"].lower(), request.path_params["name"]
    assignments = [
        {"principal": grant["principal"], "privileges": grant["privileges"]}
        for _, document in workspace_of(request).deployed.resources(_GRANTS)
        if document.get(kind) == full_name
        for grant in document.get("grants", ())
    ]
    return JSONResponse({"privilege_assignments": assignments})


def _asked(request: Request, name: str) -> str:
    value = request.query_params.get(name)
    if not value:
        raise invalid(f"Missing required parameter: {name}")
    return value


def _listed(request: Request, name: str, items: list[Any]) -> Response:
    shown, following = page(request, items, most=1000)
    return JSONResponse({name: shown} | ({"next_page_token": following} if following else {}))


def _catalog_named(workspace: Workspace, name: str) -> dict[str, Any]:
    for resource, document in workspace.deployed.catalogs():
        if document.get("name") == name:
            return _catalog(resource, document)
    raise not_found(f"Catalog '{name}' does not exist.", "CATALOG_DOES_NOT_EXIST")


def _stamps(resource: Resource) -> dict[str, Any]:
    return {
        "owner": USER,
        "created_at": round(resource.created * 1000),
        "created_by": USER,
        "updated_at": round(resource.updated * 1000),
        "updated_by": USER,
    }


def _catalog(resource: Resource, document: dict[str, Any]) -> dict[str, Any]:
    document.pop("force_destroy", None)
    return {
        **_stamps(resource),
        **document,
        "full_name": document["name"],
        "catalog_type": "MANAGED_CATALOG",
        "securable_type": "CATALOG",
        "storage_location": document.get("storage_root"),
    }


def _schemas(workspace: Workspace, catalog: str) -> list[dict[str, Any]]:
    places = {schema.name: schema.url for schema in workspace.deployed.schemas(catalog)}
    found = []
    for resource, document in workspace.deployed.resources(SCHEMA):
        if document.get("catalog_name") == catalog:
            document.pop("force_destroy", None)
            more = {"full_name": f"{catalog}.{document['name']}", "catalog_type": "MANAGED_CATALOG"}
            location = {"storage_location": places.get(document["name"])}
            found.append({**_stamps(resource), **document, **more, **location})
    return sorted(found, key=lambda schema: str(schema["name"]))


def _schema(workspace: Workspace, catalog: str, name: str) -> Schema | None:
    known = {schema["name"] for schema in _schemas(workspace, catalog)}
    if name not in known:
        raise not_found(f"Schema '{catalog}.{name}' does not exist.", "SCHEMA_DOES_NOT_EXIST")
    return next((schema for schema in workspace.deployed.schemas(catalog) if schema.name == name), None)


def _table(request: Request) -> dict[str, Any]:
    full_name = request.path_params["name"]
    parts = full_name.split(".")
    if len(parts) != 3:
        raise invalid(f"'{full_name}' is not catalog.schema.table")
    schema = _schema(workspace_of(request), parts[0], parts[1])
    document = table_document(schema, parts[2]) if schema else None
    if document is None:
        raise not_found(f"Table '{full_name}' does not exist.", "TABLE_DOES_NOT_EXIST")
    return document


def _volumes(workspace: Workspace) -> list[dict[str, Any]]:
    return [
        {
            **_stamps(resource),
            **document,
            "full_name": f"{document['catalog_name']}.{document['schema_name']}.{document['name']}",
        }
        for resource, document in workspace.deployed.resources(VOLUME)
    ]


_UC = "/api/2.1/unity-catalog"

ROUTES = [
    Route(f"{_UC}/catalogs", list_catalogs, methods=["GET"]),
    Route(f"{_UC}/catalogs/{{name}}", get_catalog, methods=["GET"]),
    Route(f"{_UC}/schemas", list_schemas, methods=["GET"]),
    Route(f"{_UC}/schemas/{{name}}", get_schema, methods=["GET"]),
    Route(f"{_UC}/tables", list_tables, methods=["GET"]),
    Route(f"{_UC}/tables/{{name}}", get_table, methods=["GET"]),
    Route(f"{_UC}/tables/{{name}}/exists", table_exists, methods=["GET"]),
    Route(f"{_UC}/volumes", list_volumes, methods=["GET"]),
    Route(f"{_UC}/volumes/{{name}}", get_volume, methods=["GET"]),
    Route(f"{_UC}/permissions/{{kind}}/{{name}}", get_grants, methods=["GET"]),
]
