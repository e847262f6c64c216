"""The project's own files, as they are tracked or about to be."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lakeplane.layout import find_project


@pytest.fixture(scope="session")
def root() -> Path:
    return find_project(Path(__file__).parent).root


@pytest.fixture(scope="session")
def files(root: Path) -> tuple[Path, ...]:
    """Return every file that is tracked, or untracked and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return tuple(root / name for name in sorted(listed.split("\0")) if name and (root / name).is_file())


@pytest.fixture(scope="session")
def modules(files: tuple[Path, ...]) -> tuple[Path, ...]:
    """Return every Python file among them."""
    found = tuple(path for path in files if path.suffix == ".py")
    assert len(found) > 100, "the listing is not the project's"
    return found


@contextmanager
def served(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serve on loopback while the block runs; yields the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
