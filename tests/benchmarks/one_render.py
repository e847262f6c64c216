"""One program, rendered in a process of its own: by lakeplane, or under Pulumi's own mocks.

Prints seconds, peak memory and a digest of what was registered, as JSON.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import programs

Registered = tuple[str, str, Any]
SPEC = programs.PROJECT / "stacks" / "environments" / "examples" / "max.yaml"
CONFIG = {"lakeplane:spec": str(SPEC)}
STACK = "maximal.foundation"


def by_lakeplane(program: Callable[[], None]) -> list[Registered]:
    """Render a program."""
    from lakeplane.provider_models.wire import reveal
    from lakeplane.render import render

    graph = render(program, project="bench", stack=STACK, config=CONFIG)
    return [
        (found.type, found.name, reveal(found.inputs))
        for found in graph.resources
        if found.type != "pulumi:pulumi:Stack"
    ]


def under_mocks(program: Callable[[], None]) -> list[Registered]:
    """Run a program as a unit test of it would, with the outputs that such tests usually give: the inputs."""
    from pulumi.output import Unknown
    from pulumi.runtime import mocks, set_all_config, stack
    from pulumi.runtime.proto import resource_pb2

    seen: list[Registered] = []

    def plain(value: Any) -> Any:
        if isinstance(value, Unknown):
            return {"$unknown": True}
        if isinstance(value, Mapping):
            return {key: plain(item) for key, item in sorted(value.items())}
        if isinstance(value, list):
            return [plain(item) for item in value]
        return int(value) if isinstance(value, float) and value.is_integer() else value

    class Echo(mocks.Mocks):
        def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[Any, Any]]:
            if args.typ != "pulumi:pulumi:Stack":
                seen.append((args.typ, args.name, plain(args.inputs)))
            # Identities go in as a list and come out as a map: echoing them ends the program.
            outputs = {key: value for key, value in args.inputs.items() if key != "identity"}
            name = args.inputs.get("resourceGroupName")
            return "", {"name": name, **outputs} if args.typ.endswith(":ResourceGroup") else outputs

        def call(self, args: mocks.MockCallArgs) -> dict[Any, Any]:
            return {}

    class WithoutHooks(mocks.MockMonitor):
        def GetDeploymentInfo(self, request: Any) -> resource_pb2.DeploymentInfo:
            # Mocks have no engine that could call a hook back.
            features = [
                each
                for each in super().GetDeploymentInfo(request).supportedFeatures
                if each != resource_pb2.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS
            ]
            return resource_pb2.DeploymentInfo(supportedFeatures=features)

    async def run() -> None:
        monitor = WithoutHooks(Echo())
        mocks.set_mocks(monitor.mocks, project="bench", stack=STACK, preview=True, monitor=monitor)
        set_all_config(CONFIG)
        await stack.run_pulumi_func(program)

    with _own_loop() as loop:
        loop.run_until_complete(run())
    return seen


@contextlib.contextmanager
def _own_loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.set_exception_handler(lambda _loop, _context: None)
    try:
        yield loop
    finally:
        loop.close()


def main(provider: str, way: str, count: int) -> None:
    """Measure one way, imports left out: they are measured apart."""
    program = programs.of(provider, count, adapted=way == "lakeplane")
    run = by_lakeplane if way == "lakeplane" else under_mocks
    with contextlib.chdir(programs.PROJECT / "stacks"):
        registered = run(program if provider == "max" else programs.of(provider, 3, adapted=True))
        times = max(1, round(count / len(registered))) if provider == "max" else 1
        total = 0
        started = time.perf_counter()
        for _ in range(times):
            registered = run(program)
            total += len(registered)
        seconds = time.perf_counter() - started
    said = sorted(each[:2] if provider == "max" else each for each in registered)
    digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found = {"seconds": seconds, "peak_mib": peak, "resources": total, "digest": digest}
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
