"""The environment's catalog, and how Unity Catalog reaches the lake."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import pulumi
import pulumi_databricks as databricks

from lakeplane.components.data_lake import CONTAINERS
from lakeplane.components.placement import known_id

__all__ = ["SCHEMAS", "UnityCatalog", "UnityCatalogArgs"]

SCHEMAS = {
    "bronze": "Raw rows as they came, with their lineage",
    "silver": "Typed, checked and unique rows, with quarantine",
    "gold": "What analysts and models read",
    "ml": "Registered models and what they need",
}

_Right = tuple[pulumi.Input[str], Sequence[str]]  # a group or an application id, and its privileges

_READ = ("USE_SCHEMA", "SELECT")
_READ_ALL = (*_READ, "EXECUTE", "READ_VOLUME")
_WRITE = ("CREATE_MODEL", "CREATE_TABLE", "CREATE_VOLUME", "MODIFY", "WRITE_VOLUME")
_LOAD_MODELS = ("USE_SCHEMA", "EXECUTE")
_OWN = (*_READ_ALL, *_WRITE, "APPLY_TAG", "CREATE_FUNCTION")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnityCatalogArgs:
    """What a catalog needs.

    Attributes:
        catalog_name: Its name.
        storage_credential_name: Name of the credential, unique in the metastore.
        external_location_name: Gives the name of a container's external location, unique in the metastore.
        lake_url: Gives the URL of a container of the lake.
        access_connector_id: ARM id of the identity with which Databricks reaches the lake.
        workspace_number: Number of the workspace that alone may use catalog, credential and locations.
        engineers: Group that owns what is in the catalog's schemas.
        scientists: Group that reads silver and gold, and trains and registers models.
        readers: Group that reads gold.
        jobs: Application id of the service principal that jobs run as; it gets the engineers' rights on data.
        serving: Application id of the service principal of the scoring service; it gets to load models.
        protect: Let Databricks refuse to delete what isn't empty; not if left out.
    """

    catalog_name: str
    storage_credential_name: str
    external_location_name: Callable[[str], str]
    lake_url: Callable[[str], str]
    access_connector_id: pulumi.Input[str]
    workspace_number: pulumi.Input[str]
    engineers: str
    scientists: str
    readers: str
    jobs: pulumi.Input[str]
    serving: pulumi.Input[str]
    protect: bool = False


class UnityCatalog(pulumi.ComponentResource):
    """Catalog whose schemas lie in their layer's container; grants go to groups, never to people.

    Attributes:
        catalog_name: Name of the catalog; waits for it.
        schema_names: Names of the schemas; each waits for its schema.
        landing_path: Path of the volume that raw files land in; waits for the volume.
        artifacts_path: Path of the volume for wheels; waits for the volume.
    """

    databricks_provider: ClassVar[str] = "workspace"

    def __init__(self, name: str, args: UnityCatalogArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("lakeplane:catalog:UnityCatalog", name, None, opts)
        self._name = name
        self._args = args
        self._locations = self._add_external_locations()
        # The default schema's tables, which nobody should make, go beside the models.
        catalog = databricks.Catalog(
            f"{name}-catalog",
            name=args.catalog_name,
            comment=f"Data of the environment {args.catalog_name}",
            isolation_mode="ISOLATED",
            storage_root=self._inside("models", "catalog"),
            force_destroy=not args.protect,
            opts=self._holds_data("models"),
        )
        self._bind("catalog", "catalog", catalog.name)
        everybody = (*self._groups(), args.jobs, args.serving)
        self._grant("catalog", catalog=catalog.name, rights=[(one, ("USE_CATALOG",)) for one in everybody])
        self._schemas = {schema: self._add_schema(schema, catalog) for schema in SCHEMAS}
        landing = self._add_volume("landing", "bronze", "External: raw files as they arrive", "landing")
        self._add_volume("checkpoints", "bronze", "External: how far streams have read", "checkpoints")
        artifacts = self._add_volume("artifacts", "ml", "Managed: wheels of the workloads", None)

        self.catalog_name: pulumi.Output[str] = catalog.name
        self.schema_names: dict[str, pulumi.Output[str]] = {
            schema: resource.name for schema, resource in self._schemas.items()
        }
        self.landing_path = known_id(landing, f"/Volumes/{args.catalog_name}/bronze/landing")
        self.artifacts_path = known_id(artifacts, f"/Volumes/{args.catalog_name}/ml/artifacts")
        self.register_outputs({"catalog_name": self.catalog_name, "artifacts_path": self.artifacts_path})

    def _groups(self) -> tuple[str, str, str]:
        return self._args.engineers, self._args.scientists, self._args.readers

    def _inside(self, container: str, path: str = "") -> str:
        url = self._args.lake_url(container)
        return f"{url}/{path}" if path else f"{url}/"

    def _holds_data(self, container: str) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, depends_on=[self._locations[container]])

    def _add_external_locations(self) -> dict[str, databricks.ExternalLocation]:
        credential = databricks.StorageCredential(
            f"{self._name}-credential",
            name=self._args.storage_credential_name,
            comment="The environment's access connector",
            azure_managed_identity=databricks.StorageCredentialAzureManagedIdentityArgs(
                access_connector_id=self._args.access_connector_id
            ),
            isolation_mode="ISOLATION_MODE_ISOLATED",
            read_only=False,
            force_destroy=not self._args.protect,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._bind("credential", "storage_credential", credential.name)
        return {container: self._add_external_location(container, credential) for container in CONTAINERS}

    def _add_external_location(
        self, container: str, credential: databricks.StorageCredential
    ) -> databricks.ExternalLocation:
        location = databricks.ExternalLocation(
            f"{self._name}-{container}-location",
            name=self._args.external_location_name(container),
            url=self._inside(container),
            credential_name=credential.name,
            comment=f"Container {container} of the lake",
            isolation_mode="ISOLATION_MODE_ISOLATED",
            force_destroy=not self._args.protect,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._bind(f"{container}-location", "external_location", location.name)
        return location

    def _bind(self, key: str, securable_type: str, securable_name: pulumi.Input[str]) -> None:
        """Open an isolated securable to this workspace.

        Who makes one from here has it bound already; one that outlives its workspace is bound to none.
        """
        databricks.WorkspaceBinding(
            f"{self._name}-{key}-binding",
            workspace_id=self._args.workspace_number,
            securable_type=securable_type,
            securable_name=securable_name,
            binding_type="BINDING_TYPE_READ_WRITE",
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _add_schema(self, schema: str, catalog: databricks.Catalog) -> databricks.Schema:
        resource = databricks.Schema(
            f"{self._name}-{schema}-schema",
            name=schema,
            catalog_name=catalog.name,
            comment=SCHEMAS[schema],
            storage_root=self._inside("models", "ml") if schema == "ml" else self._inside(schema),
            force_destroy=not self._args.protect,
            opts=self._holds_data("models" if schema == "ml" else schema),
        )
        full_name = known_id(resource, f"{self._args.catalog_name}.{schema}")
        self._grant(f"{schema}-schema", schema=full_name, rights=self._schema_rights(schema))
        return resource

    def _schema_rights(self, schema: str) -> list[_Right]:
        engineers, scientists, readers = self._groups()
        rights: list[_Right] = [(engineers, _OWN), (self._args.jobs, _OWN)]
        if schema == "ml":
            rights += [(scientists, (*_READ_ALL, *_WRITE)), (self._args.serving, _LOAD_MODELS)]
        if schema in ("silver", "gold"):
            rights.append((scientists, _READ))
        if schema == "gold":
            rights.append((readers, _READ))
        return rights

    def _add_volume(self, volume: str, schema: str, comment: str, container: str | None) -> databricks.Volume:
        return databricks.Volume(
            f"{self._name}-{volume}-volume",
            name=volume,
            catalog_name=self._args.catalog_name,
            schema_name=self._schemas[schema].name,
            volume_type="EXTERNAL" if container else "MANAGED",
            storage_location=self._inside(container) if container else None,
            comment=comment,
            opts=self._holds_data(container) if container else pulumi.ResourceOptions(parent=self),
        )

    def _grant(
        self, key: str, *, rights: Sequence[_Right], **securable: pulumi.Input[str]
    ) -> databricks.Grants:
        # A group named for several purposes gets the rights of all of them, in one entry. Application ids
        # are known to nobody yet, and each is another one.
        by_group: dict[str, set[str]] = {}
        for principal, privileges in rights:
            if isinstance(principal, str):
                by_group.setdefault(principal, set()).update(privileges)
        entries: list[_Right] = [(group, sorted(found)) for group, found in sorted(by_group.items())]
        entries += [
            (principal, sorted(found)) for principal, found in rights if not isinstance(principal, str)
        ]
        return databricks.Grants(
            f"{self._name}-{key}-grants",
            **securable,
            grants=[
                databricks.GrantsGrantArgs(principal=principal, privileges=list(privileges))
                for principal, privileges in entries
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )
