"""Builders of images, each as its own command line takes it: build, push, and the digest that it got."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import SetupError
from lakeplane.image.context import ImageName

__all__ = ["BUILDERS", "Builder", "find_builder", "sign_in"]

Say = Callable[[str], None]
_PLATFORM = "linux/amd64"  # the architecture of the AKS node sizes
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_LAST_LINES = 12


@dataclass(frozen=True, slots=True)
class Builder:
    """One way of building and pushing.

    Attributes:
        name: What `--builder` calls it.
        program: Its program.
        alive: Arguments with which the program tells whether it can work.
        local: Whether it builds on this machine, and so pushes with this machine's log-in.
    """

    name: str
    program: str
    alive: tuple[str, ...]
    local: bool = True

    def is_here(self) -> bool:
        """Tell whether the program is installed and can work."""
        if shutil.which(self.program) is None:
            return False
        try:
            done = subprocess.run(
                [self.program, *self.alive],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=60,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
        return done.returncode == 0

    def build(
        self,
        context: Path,
        image: ImageName,
        base: str,
        say: Say,
        *,
        log: Path,
        agent_pool: str | None = None,
    ) -> str:
        """Build the image and push it.

        Args:
            context: What `lay_out_context` wrote.
            image: Where the image goes.
            base: The image that it is built on.
            say: Told what the builder says.
            log: File that keeps all that it says.
            agent_pool: Agents of the registry inside its network, for the registry's own builder.

        Returns:
            The image by its digest.

        Raises:
            SetupError: The builder failed, or told no digest.
        """
        told = context.parent / f"{self.name}.digest"
        told.unlink(missing_ok=True)
        log.parent.mkdir(parents=True, exist_ok=True)
        text = ""
        with log.open("w", encoding="utf-8") as output:
            for command in _COMMANDS[self.name](str(context), image, base, str(told), agent_pool):
                said = _run([self.program, *command], output.write, say)
                if said is None:
                    output.flush()
                    raise SetupError(_failed(self, command, log))
                text = said
        if told.is_file():
            text = told.read_text(encoding="utf-8")
        digest = _digest_in(text)
        if digest is None:
            raise SetupError(
                Diagnostic(
                    code="IMG005",
                    summary=f"{self.name} tells no digest of what it pushed",
                    detail=f"found {text.strip()[:200] or 'nothing'}",
                    remedy=f"look at {log}; once the digest is known, write it with `lakeplane pin`",
                )
            )
        return image.by_digest(digest)


def _docker(context: str, image: ImageName, base: str, told: str, _: str | None) -> list[list[str]]:
    return [
        [
            *("buildx", "build", "--platform", _PLATFORM, "--build-arg", f"BASE={base}"),
            *("--tag", image.tagged, "--metadata-file", told, "--push", context),
        ]
    ]


def _podman(context: str, image: ImageName, base: str, told: str, _: str | None) -> list[list[str]]:
    # The OCI format has no health check.
    build = ["build", "--format", "docker", "--platform", _PLATFORM, "--build-arg", f"BASE={base}"]
    return [[*build, "--tag", image.tagged, context], ["push", "--digestfile", told, image.tagged]]


def _acr(context: str, image: ImageName, base: str, _told: str, pool: str | None) -> list[list[str]]:
    registry = image.registry.partition(".")[0]
    name = f"{image.repository}:{image.tag}"
    agents = ["--agent-pool", pool] if pool else []
    build = ["acr", "build", "--registry", registry, "--image", name, "--platform", _PLATFORM]
    show = ["acr", "repository", "show", "--name", registry, "--image", name]
    return [
        [*build, "--build-arg", f"BASE={base}", *agents, context],
        [*show, "--query", "digest", "--output", "tsv"],
    ]


_COMMANDS: Mapping[str, Callable[[str, ImageName, str, str, str | None], list[list[str]]]] = {
    "docker": _docker,
    "podman": _podman,
    "buildah": _podman,
    "acr": _acr,
}
BUILDERS: Mapping[str, Builder] = {
    builder.name: builder
    for builder in (
        Builder("docker", "docker", ("buildx", "version")),
        Builder("podman", "podman", ("info",)),
        Builder("buildah", "buildah", ("version",)),
        Builder("acr", "az", ("account", "show"), local=False),
    )
}


def find_builder(wanted: str | None, agent_pool: str | None) -> Builder:
    """Return the builder that was asked for, or the first one that works here.

    The registry's own builder is taken only with agents in its network: the firewall of an environment's
    registry keeps all others out.

    Raises:
        SetupError: There is none.
    """
    if wanted is not None:
        builder = BUILDERS[wanted]
        if not builder.is_here():
            raise SetupError(_none(f"{builder.program} is not installed, or cannot work here"))
        return builder
    names = ("acr",) if agent_pool else ("docker", "podman", "buildah")
    for name in names:
        if BUILDERS[name].is_here():
            return BUILDERS[name]
    raise SetupError(_none(f"looked for {', '.join(BUILDERS[name].program for name in names)}"))


def sign_in(builder: Builder, registry: str) -> bool:
    """Sign the builder in to an Azure registry with `az`'s own log-in; the token travels by a pipe.

    Returns:
        Whether it signed in; without `az`, or with another registry, an earlier log-in has to do.
    """
    if not builder.local or not registry.endswith(".azurecr.io") or shutil.which("az") is None:
        return False
    name = registry.partition(".")[0]
    token = subprocess.run(
        ["az", "acr", "login", "--name", name, "--expose-token", "--query", "accessToken", "--output", "tsv"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if token.returncode != 0:
        return False
    # Azure Container Registry documentation: this user name goes with tokens.
    user = "00000000-0000-0000-0000-000000000000"
    done = subprocess.run(
        [builder.program, "login", registry, "--username", user, "--password-stdin"],
        input=token.stdout.strip(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode == 0


def _run(command: Sequence[str], keep: Callable[[str], int], say: Say) -> str | None:
    """Run a command, keeping and telling what it says; return it, or nothing if the command failed."""
    said: list[str] = []
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            keep(line)
            said.append(line)
            if line.strip():
                say(line.strip()[:120])
    return "".join(said) if process.returncode == 0 else None


def _digest_in(text: str) -> str | None:
    if text.lstrip().startswith("{"):  # buildx's metadata
        text = str(json.loads(text).get("containerimage.digest", ""))
    found = _DIGEST.search(text)
    return found[0] if found else None


def _failed(builder: Builder, command: Sequence[str], log: Path) -> Diagnostic:
    lines = [line for line in log.read_text(encoding="utf-8").splitlines() if line.strip()]
    last = "\n  ".join(lines[-_LAST_LINES:])
    return Diagnostic(
        code="IMG004",
        summary=f"{builder.name} could not build or push the image",
        detail=f"{builder.program} {' '.join(command)} said at last:\n  {last or 'nothing'}",
        remedy=f"correct what it names, see {log}; the registry lets in the spec's allowed addresses and its "
        "own network alone",
    )


def _none(why: str) -> Diagnostic:
    return Diagnostic(
        code="IMG003",
        summary="no builder of images is here",
        detail=why,
        remedy="install docker with buildx, podman or buildah; or add --agent-pool NAME for agents of the "
        "registry in its network; or take `lakeplane image build --context DIR` to where a builder is, and "
        "write the digest with `lakeplane pin SPEC --image NAME@sha256:…`",
    )
