"""Where the simulated cloud of one environment keeps its files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from lakeplane.layout import EnvironmentLayout

__all__ = ["CloudPlaces"]


@dataclass(frozen=True, slots=True)
class CloudPlaces:
    """Files and directories under `.lakeplane/<environment>/cloud/`."""

    layout: EnvironmentLayout

    @property
    def store(self) -> Path:
        """The database: resources, runs, faults."""
        return self.layout.cloud / "store.sqlite"

    @property
    def lock(self) -> Path:
        """Held by the one server of this environment for as long as it lives."""
        return self.layout.cloud / "server.lock"

    @property
    def users(self) -> Path:
        """Shared by every command that uses the cloud; a line a command tells who they are."""
        return self.layout.cloud / "users.lock"

    @property
    def token(self) -> Path:
        """The bearer token of the REST API; readable by its owner only."""
        return self.layout.cloud / "token"

    @property
    def endpoints(self) -> Path:
        """Where the live server listens; removed when it stops."""
        return self.layout.cloud / "endpoints.json"

    @property
    def volumes(self) -> Path:
        """`<catalog>/<schema>/<volume>`: what `/Volumes/…` means on this machine."""
        return self.layout.cloud / "volumes"

    @property
    def managed_volumes(self) -> Path:
        """Files of managed volumes, which belong to the workspace and not to the lake."""
        return self.layout.cloud / "managed-volumes"

    @property
    def libraries(self) -> Path:
        """Unpacked wheels of job clusters, one directory a content hash."""
        return self.layout.cloud / "libraries"

    @property
    def server_log(self) -> Path:
        """Log of the server process."""
        return self.layout.logs / "cloud.log"

    @property
    def mlflow_log(self) -> Path:
        """Log of the MLflow server."""
        return self.layout.logs / "mlflow.log"

    def run_logs(self, run_id: int) -> Path:
        """Directory of one job run's logs: a file a task, and one a driver."""
        return self.layout.logs / "runs" / str(run_id)

    def account(self, account: str) -> Path:
        """Directory of one storage account."""
        return self.layout.storage / account

    def lake_path(self, url: str) -> Path | None:
        """Turn `abfss://<container>@<account>.dfs.core.windows.net/<path>` into a path of this machine.

        Returns:
            The path, whether it exists or not; None if `url` is no such address or leaves its container.
        """
        parts = urlsplit(url)
        account, _, domain = (parts.hostname or "").partition(".")
        container = parts.username or ""
        if parts.scheme != "abfss" or not container or not account or domain != "dfs.core.windows.net":
            return None
        root = self.account(account) / container
        path = root / parts.path.strip("/")
        return None if ".." in Path(parts.path).parts else path

    def volume_path(self, path: str) -> Path | None:
        """Turn `/Volumes/<catalog>/<schema>/<volume>/<path>` into a path of this machine.

        Returns:
            The path, whether it exists or not; None if `path` names no volume or climbs out of it.
        """
        parts = Path(path).parts
        if len(parts) < 5 or parts[:2] != ("/", "Volumes") or ".." in parts:
            return None
        return self.volumes.joinpath(*parts[2:])
