"""Reads scoring requests: MLflow's JSON forms, CSV and Azure ML's `input_data`, into rows of cells.

| form | shape |
|---|---|
| `dataframe_split` | `{"columns": […], "data": [[…], …]}`, `index` is ignored |
| `dataframe_records` | `[{column: value, …}, …]` |
| `instances` | `[{column: value, …}, …]` |
| `inputs` | `{column: [value, …], …}`, or records |
| `input_data` | as `dataframe_split`, or records |

Columns that the model does not have are ignored, as MLflow does.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from lakeplane_workloads.serving.problems import refuse

__all__ = ["AZURE_FORMS", "MLFLOW_FORMS", "Rows", "read_csv", "read_json"]

MLFLOW_FORMS = ("dataframe_split", "dataframe_records", "instances", "inputs")
AZURE_FORMS = ("input_data",)


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a request, their cells in the order of the model's columns and of any JSON type.

    Attributes:
        cells: One sequence a row.
        locate: Names the place of a cell in the request, by row and column, or of a row without a column.
    """

    cells: Sequence[Sequence[Any]]
    locate: Callable[[int, int | None], str]


def read_json(body: bytes, forms: Sequence[str], columns: Sequence[str]) -> Rows:
    """Read a JSON request.

    Args:
        body: The request's body.
        forms: The forms that this address takes; a request has exactly one of them.
        columns: The model's columns.

    Raises:
        RequestProblemError: If it is not JSON, or no form of a request.
    """
    try:
        payload = orjson.loads(body)
    except orjson.JSONDecodeError:
        refuse("SCR001", "the body is not JSON in UTF-8 with finite numbers and at most 1024 levels")
    if type(payload) is not dict:
        refuse("SCR003", f"the body must be an object with one of {', '.join(forms)}")
    params = payload.pop("params", None)
    if params:
        refuse("SCR003", "the model takes no parameters", "params")
    if len(payload) != 1 or (form := next(iter(payload))) not in forms:
        refuse("SCR003", f"the body must have exactly one of {', '.join(forms)}, and nothing else")
    content = payload[form]
    if form == "dataframe_split" or (form == "input_data" and type(content) is dict):
        rows = _read_split(content, form, columns)
    elif form == "inputs" and type(content) is dict:
        rows = _read_columns(content, form, columns)
    else:
        rows = _read_records(content, form, columns)
    if not rows.cells:
        refuse("SCR003", "there are no rows to score", form)
    return rows


def _read_split(content: Any, form: str, columns: Sequence[str]) -> Rows:
    if type(content) is not dict or not {"columns", "data"} <= content.keys() <= {"columns", "data", "index"}:
        refuse("SCR003", "it must be an object with columns, data and perhaps index", form)
    names, data = content["columns"], content["data"]
    if type(names) is not list or not all(type(name) is str for name in names):
        refuse("SCR003", "columns must be a list of names", f"{form}.columns")
    if type(data) is not list:
        refuse("SCR003", "data must be a list of rows", f"{form}.data")
    order = _order(names, columns, f"{form}.columns")
    width = len(names)
    for number, row in enumerate(data):
        if type(row) is not list or len(row) != width:
            refuse(
                "SCR005", f"a row must be a list of {width} values, one a column", f"{form}.data[{number}]"
            )
    if order == list(range(width)):
        cells: Sequence[Sequence[Any]] = data
    else:
        cells = [[row[place] for place in order] for row in data]

    def locate(row: int, column: int | None) -> str:
        return f"{form}.data[{row}]" if column is None else f"{form}.data[{row}][{order[column]}]"

    return Rows(cells, locate)


def _read_records(content: Any, form: str, columns: Sequence[str]) -> Rows:
    if type(content) is not list:
        refuse("SCR003", "it must be a list of objects, one a row", form)
    cells = []
    for number, record in enumerate(content):
        if type(record) is not dict:
            refuse("SCR005", "a row must be an object with one value a column", f"{form}[{number}]")
        try:
            cells.append([record[column] for column in columns])
        except KeyError:
            _missing([column for column in columns if column not in record], f"{form}[{number}]")

    def locate(row: int, column: int | None) -> str:
        return f"{form}[{row}]" if column is None else f"{form}[{row}].{columns[column]}"

    return Rows(cells, locate)


def _read_columns(content: dict[str, Any], form: str, columns: Sequence[str]) -> Rows:
    missing = [column for column in columns if column not in content]
    if missing:
        _missing(missing, form)
    lists = [content[column] for column in columns]
    for column, values in zip(columns, lists, strict=True):
        if type(values) is not list:
            refuse("SCR003", "a column must be a list of values", f"{form}.{column}")
        if len(values) != len(lists[0]):
            refuse("SCR005", "all columns must have the same number of values", f"{form}.{column}")
    cells = list(zip(*lists, strict=True))

    def locate(row: int, column: int | None) -> str:
        return f"{form}.*[{row}]" if column is None else f"{form}.{columns[column]}[{row}]"

    return Rows(cells, locate)


def read_csv(body: bytes, columns: Sequence[str], numeric: Sequence[bool]) -> Rows:
    """Read a CSV request: comma separated, the column names in the first line, lines counted from 1.

    Args:
        body: The request's body.
        columns: The model's columns.
        numeric: Whether a column's cells are numbers; they are then read as such.

    Raises:
        RequestProblemError: If it is not CSV in UTF-8, or a number cannot be read.
    """
    try:
        lines = list(csv.reader(io.StringIO(body.decode("utf-8"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        refuse("SCR001", "the body is not CSV in UTF-8")
    if len(lines) < 2:
        refuse("SCR003", "there must be a line of column names, and lines of values")
    order = _order(lines[0], columns, "line 1")
    cells: list[list[Any]] = []
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != len(lines[0]):
            refuse("SCR005", f"a line must have {len(lines[0])} values, one a column", f"line {number}")
        row: list[Any] = []
        for place, is_number in zip(order, numeric, strict=True):
            try:
                row.append(float(line[place]) if is_number else line[place])
            except ValueError:
                refuse("SCR006", "the value must be a number", f"line {number}, value {place + 1}")
        cells.append(row)

    def locate(row: int, column: int | None) -> str:
        return f"line {row + 2}" if column is None else f"line {row + 2}, value {order[column] + 1}"

    return Rows(cells, locate)


def _order(names: list[str], columns: Sequence[str], path: str) -> list[int]:
    """Return where each of the model's columns stands."""
    missing = [column for column in columns if column not in names]
    if missing:
        _missing(missing, path)
    if any(names.count(column) > 1 for column in columns):
        refuse("SCR003", "a column is named twice", path)
    return [names.index(column) for column in columns]


def _missing(missing: Sequence[str], path: str) -> None:
    refuse("SCR004", f"columns are missing: {', '.join(missing)}", path)
