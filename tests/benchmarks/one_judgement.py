"""One environment's resources, repeated in one stack, judged in a process of its own in one of three ways.

`preview` is what `lakeplane preview` calls; `sdk` is the policy SDK's server, asked as the engine asks it,
without the network between them; `pack` is the same as our pack starts it. Prints seconds and a digest of
what was found, as JSON.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from google.protobuf import json_format, struct_pb2
from pulumi.runtime import proto
from pulumi_policy import EnforcementLevel
from pulumi_policy import policy as sdk
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

from lakeplane.diagnostics import Diagnostic
from lakeplane.layout import find_project
from lakeplane.program import main as program
from lakeplane.render import Resource, render
from lakeplane.wheel import ensure_wheel
from lakeplane_policies import RULES, Settings, judge_all
from lakeplane_policies.engine_requests import install
from lakeplane_policies.pack import configuration, policies

SETTINGS = Settings("prod", "allow_list", today=date(2026, 11, 25))
STACK = "urn:pulumi:many.all"
# What is wrong in every copy: by type, an input and its value.
BROKEN = {
    "azure-native:storage:StorageAccount": {"minimumTlsVersion": "TLS1_0"},
    "azure-native:keyvault:Vault": {"properties": {}},
}
LEVELS = {
    "disabled": proto.DISABLED,
    "advisory": proto.ADVISORY,
    "mandatory": proto.MANDATORY,
}
Found = tuple[str, str, str]


def resources(name: str, count: int) -> list[Resource]:
    """Return the resources of an example, broken, and copies of them until there are enough."""
    project = find_project(Path(__file__).parent)
    spec = project.environments / "examples" / f"{name}.yaml"
    config = {"lakeplane:spec": str(spec), "lakeplane:wheel": str(ensure_wheel(project))}
    outputs: dict[str, Any] = {}
    once: list[Resource] = []
    with contextlib.chdir(project.stacks):
        for layer in ("foundation", "contents"):
            environment = next(
                line.split()[1] for line in spec.read_text().splitlines() if line.startswith("name:")
            )
            stack = f"{environment}.{layer}"
            graph = render(program, project="lakeplane", stack=stack, config=config, stack_references=outputs)
            outputs = {f"organization/lakeplane/{stack}": graph.outputs}
            once += [one for one in graph.resources if one.custom and not one.read]
    copies = range(-(-count // len(once)))
    return [_copy(one, number) for number in copies for one in once][:count]


def _copy(one: Resource, number: int) -> Resource:
    def own(urn: str) -> str:
        return f"{STACK}::{urn.split('::', 1)[1]}-{number}"

    return replace(
        one,
        urn=own(one.urn),
        name=f"{one.name}-{number}",
        parent=None,
        inputs={**one.inputs, **BROKEN.get(one.type, {})},
        dependencies=tuple(map(own, one.dependencies)),
        property_dependencies={key: tuple(map(own, urns)) for key, urns in one.property_dependencies.items()},
    )


def by_preview(given: list[Resource]) -> tuple[float, list[Found]]:
    """Judge as `lakeplane preview` does."""
    started = time.perf_counter()
    found = list(judge_all(given, SETTINGS))
    seconds = time.perf_counter() - started
    return seconds, [(one.code, one.resource or "", _as_reported(one)) for one in found]


def _as_reported(one: Diagnostic) -> str:
    return f"{one.dotted_path + ': ' if one.path else ''}{one.detail}; {one.remedy}"


def by_engine(given: list[Resource]) -> tuple[float, list[Found]]:
    """Judge as the SDK's server does, with one request for each resource and one for the stack."""
    servicer: Any = sdk._PolicyAnalyzerServicer("lakeplane", "0.0.1", policies(), EnforcementLevel.MANDATORY)
    servicer.Configure(_configured(), None)
    requests = [proto.AnalyzeRequest(**_said(one)) for one in given]
    stack = proto.AnalyzeStackRequest()
    for one in given:
        added = stack.resources.add(**_said(one))
        added.dependencies.extend(one.dependencies)
        for key, urns in one.property_dependencies.items():
            added.propertyDependencies[key].urns.extend(urns)
    started = time.perf_counter()
    found = [
        (request.urn, one) for request in requests for one in servicer.Analyze(request, None).diagnostics
    ]
    found += [("", one) for one in servicer.AnalyzeStack(stack, None).diagnostics]
    seconds = time.perf_counter() - started
    return seconds, list(_findings(found))


def _findings(found: list[tuple[str, Any]]) -> Iterator[Found]:
    for urn, one in found:
        code, text = one.policyName, one.message.split("\n", 1)[1]
        if code.startswith("undecidable"):
            code, _, text = text.partition(" ")
        yield code, one.urn or urn, text


def _said(one: Resource) -> dict[str, Any]:
    inputs = json_format.ParseDict(_as_sent(dict(one.inputs)), struct_pb2.Struct())
    options = proto.AnalyzerResourceOptions(protect=one.protect)
    return {"type": one.type, "urn": one.urn, "name": one.name, "properties": inputs, "options": options}


def _as_sent(value: Any) -> Any:
    if isinstance(value, dict):
        if "$unknown" in value:
            return UNKNOWN_STRING_VALUE
        if "$secret" in value:
            return _as_sent(value["$secret"])
        return {key: _as_sent(item) for key, item in value.items()}
    return [_as_sent(item) for item in value] if isinstance(value, list) else value


def _configured() -> Any:
    request = proto.ConfigureAnalyzerRequest()
    for name, written in configuration(SETTINGS).items():
        given = dict(written) if isinstance(written, dict) else {"enforcementLevel": written}
        request.policyConfig[name].enforcementLevel = LEVELS[given.pop("enforcementLevel")]
        request.policyConfig[name].properties.update(given)
    return request


def main(name: str, way: str, count: int) -> None:
    """Measure one way, after a first run over a few resources that loads what is loaded once."""
    given = resources(name, count)
    if way == "pack":
        install()
    judge = by_preview if way == "preview" else by_engine
    judge(given[:20])
    seconds, found = judge(given)
    told = sorted(one for one in found if not one[0].startswith("POL"))
    digest = hashlib.sha256(json.dumps(told).encode()).hexdigest()
    answer = {
        "seconds": seconds,
        "rules": len(RULES),
        "resources": len(given),
        "findings": len(told),
        "digest": digest,
    }
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
