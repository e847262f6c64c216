"""MLflow's application under uvicorn, on a database that is there whole or not at all.

MLflow makes its tables step by step, and not in one transaction: it can never again open a database in which
it was killed meanwhile. So the tables are made in a file beside, which then takes the database's place.
"""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn

__all__ = ["ARTIFACTS", "make_database"]

ARTIFACTS = "mlflow-artifacts:/"
"""Where the artifacts of runs lie, as the database keeps it: with the server, wherever that is."""


def make_database(path: Path) -> None:
    """Make a database with all of MLflow's tables, unless there is one."""
    if path.exists():
        return
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore  # noqa: PLC0415 - takes a second to load

    beside = path.with_name(f"{path.name}.partial")
    for leftover in path.parent.glob(f"{beside.name}*"):  # of one that was killed, with its journal
        leftover.unlink()
    store = SqlAlchemyStore(f"sqlite:///{beside}", ARTIFACTS)
    store.engine.dispose()
    beside.replace(path)


if __name__ == "__main__":
    database, *arguments = sys.argv[1:]
    make_database(Path(database))
    sys.argv[1:] = arguments
    uvicorn.main()
