"""Delta tables as Unity Catalog tells of them, read from their transaction logs."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from lakeplane.local.deployed import Schema

__all__ = ["table_document", "tables_of"]

_LOG = logging.getLogger(__name__)

# Spark's names of Delta's types, as Unity Catalog's `type_text` has them.
_TEXT = {"long": "bigint", "integer": "int", "short": "smallint", "byte": "tinyint"}


def tables_of(schema: Schema) -> Iterator[dict[str, Any]]:
    """Yield the tables that lie in a schema's storage, by name."""
    for directory in sorted(schema.directory.iterdir()) if schema.directory.is_dir() else ():
        if (document := table_document(schema, directory.name)) is not None:
            yield document


def table_document(schema: Schema, name: str) -> dict[str, Any] | None:
    """Return one table; None if no Delta table with at least one commit lies there."""
    directory = schema.directory / name
    if directory.parent != schema.directory or not any((directory / "_delta_log").glob("*.json")):
        return None
    try:
        table = DeltaTable(str(directory))
        metadata = table.metadata()
        properties = {
            **{str(key): str(value) for key, value in metadata.configuration.items()},
            "delta.version": str(table.version()),
            "delta.lastCommitVersion": str(table.version()),
        }
        rows = _rows(table)
        modified = table.history(1)[0].get("timestamp")
        columns = [_column(position, field) for position, field in enumerate(table.schema().fields)]
    except (DeltaError, OSError) as error:
        # A table that is being written, or damaged, must not hide the others.
        _LOG.warning("table %s.%s: %s", schema.name, name, error)
        return None
    if rows is not None:
        properties |= {"numRows": str(rows), "spark.sql.statistics.numRows": str(rows)}
    return {
        "name": name,
        "catalog_name": schema.catalog,
        "schema_name": schema.name,
        "full_name": f"{schema.catalog}.{schema.name}.{name}",
        "table_id": str(metadata.id),
        "table_type": "MANAGED",
        "data_source_format": "DELTA",
        "storage_location": f"{schema.url}/{name}",
        "columns": columns,
        "properties": properties,
        "created_at": metadata.created_time,
        "updated_at": modified or metadata.created_time,
        **({"comment": metadata.description} if metadata.description else {}),
    }


def _rows(table: DeltaTable) -> int | None:
    """Sum the counts of the files' statistics; None if a file has none."""
    actions = table.get_add_actions(flatten=True)
    names = list(actions.schema.names)
    if "num_records" not in names:
        return 0 if actions.num_rows == 0 else None
    counts = actions.column(names.index("num_records")).to_pylist()
    if any(count is None for count in counts):
        return None
    deleted = "deletion_vector.cardinality"
    gone = actions.column(names.index(deleted)).to_pylist() if deleted in names else []
    return int(sum(counts)) - sum(int(count or 0) for count in gone)


def _column(position: int, field: Any) -> dict[str, Any]:
    text = _type_text(field.type)
    return {
        "name": field.name,
        "type_text": text,
        "type_name": _type_name(text),
        "type_json": field.to_json(),
        "position": position,
        "nullable": field.nullable,
    }


def _type_text(kind: Any) -> str:
    name = str(kind.type)
    match name:
        case "array":
            return f"array<{_type_text(kind.element_type)}>"
        case "map":
            return f"map<{_type_text(kind.key_type)},{_type_text(kind.value_type)}>"
        case "struct":
            inner = ",".join(f"{field.name}:{_type_text(field.type)}" for field in kind.fields)
            return f"struct<{inner}>"
        case _:
            return _TEXT.get(name, name)


def _type_name(text: str) -> str:
    names = {"bigint": "LONG", "smallint": "SHORT", "tinyint": "BYTE"}
    outer = text.split("<", maxsplit=1)[0].split("(", maxsplit=1)[0]
    return names.get(outer, outer.upper())
