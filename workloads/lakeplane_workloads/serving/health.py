"""Entry point `scoring-health`: ask the service beside it whether it serves; the container's health check."""

from __future__ import annotations

import http.client
import sys

__all__ = ["main"]

_PORT = 8080
_SECONDS = 2.0


def main(argv: list[str] | None = None) -> None:
    """End with 0 if the service on loopback answers at `/ping`, else with 1 and why; a port may be given."""
    given = sys.argv[1:] if argv is None else argv
    connection = http.client.HTTPConnection("127.0.0.1", int(given[0]) if given else _PORT, timeout=_SECONDS)
    try:
        connection.request("GET", "/ping")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        sys.exit(f"scoring-health: {error or type(error).__name__}")
    finally:
        connection.close()
    if status != http.client.OK:
        sys.exit(f"scoring-health: /ping answers {status}")


if __name__ == "__main__":
    main()
