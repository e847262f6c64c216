"""Measures lakeplane against what a user would pick instead: `make bench`, or `make bench ARGS=cold`.

Both ways do the same work, take turns in one run, and are checked to give equal results before a ratio is
printed. Each runs in a process of its own.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER))
BENCHMARKS = ("cold", "render", "rules")


def main(wanted: Sequence[str]) -> int:
    """Run benchmarks and print a table of each."""
    unknown = set(wanted) - set(BENCHMARKS)
    if unknown:
        sys.stderr.write(f"no benchmark {', '.join(sorted(unknown))}; there are: {', '.join(BENCHMARKS)}\n")
        return 2
    console = Console(width=None if sys.stdout.isatty() else 140, highlight=False)
    for name in wanted or BENCHMARKS:
        module = importlib.import_module(f"bench_{name}")
        table = Table(title=module.__doc__.partition("\n")[0], title_justify="left", box=None)
        for index, column in enumerate(module.COLUMNS):
            table.add_column(column, justify="right" if index else "left")
        for row in module.measure():
            table.add_row(*row)
        console.print(table)
        console.print()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
