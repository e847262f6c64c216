"""The map of components in `infra/README.md`: each with its file and what it makes, as renders show it."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import json
import os
import pkgutil
import re
from collections import defaultdict
from pathlib import Path

import pulumi
import pytest
from ruamel.yaml import YAML

from lakeplane import components
from lakeplane.program import main
from lakeplane.render import Graph, render

README = Path(__file__).parents[2] / "infra" / "README.md"
BEGIN, END = "<!-- components: begin -->\n", "<!-- components: end -->\n"
# With these, every component makes everything that it can.
SPECS = ("prod", "bring_your_own", "examples/max")
IMAGE = f"contoso.azurecr.io/lakeplane@sha256:{'0' * 64}"
HUB = {
    "runner": {"image": IMAGE},
    "databricks": {
        "account_id": "ac000000-0000-4000-8000-000000000003",
        "metastore": {"create": {"name": "westeurope", "owner": "metastore-admins"}},
        "private_endpoint_rules": [
            {
                "resource": "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-x"
                "/providers/Microsoft.Storage/storageAccounts/stlake",
                "group": "dfs",
            }
        ],
    },
    "network": {
        "peerings": [
            {
                "virtual_network": "/subscriptions/00000000-0000-4000-8000-00000000c0de/resourceGroups/rg-wan"
                "/providers/Microsoft.Network/virtualNetworks/vnet-wan",
                "address_spaces": ["192.168.0.0/16"],
            }
        ]
    },
}


def classes() -> dict[str, type[pulumi.ComponentResource]]:
    """Find every component by its type token."""
    found = {}
    for info in pkgutil.iter_modules(components.__path__):
        module = importlib.import_module(f"lakeplane.components.{info.name}")
        tokens = set(re.findall(r'"(lakeplane:\w+:\w+)"', inspect.getsource(module)))
        for cls in vars(module).values():
            own = inspect.isclass(cls) and cls.__module__ == module.__name__
            if own and issubclass(cls, pulumi.ComponentResource):
                (token,) = {one for one in tokens if one.endswith(f":{cls.__name__}")}
                found[token] = cls
    return found


@pytest.fixture(scope="module")
def graphs(render_layers, project, tmp_path_factory: pytest.TempPathFactory) -> list[Graph]:
    rendered: list[Graph] = []
    for name in SPECS:
        source = project.environments / f"{name}.yaml"
        folder = tmp_path_factory.mktemp("specs")
        document = YAML(typ="safe", pure=True).load(text := source.read_text())
        if "serving" not in document:
            text += f"\nserving: {json.dumps({'image': IMAGE})}\n"
        spec = folder / f"{document['name']}.yaml"
        spec.write_text(text)
        (folder / "hub.yaml").write_text((project.environments / "hub.yaml").read_text())
        rendered += render_layers(spec).values()
    hub = YAML(typ="safe", pure=True).load((project.environments / "hub.yaml").read_text()) | HUB
    for egress in ("firewall", "nat"):
        path = tmp_path_factory.mktemp("hub") / "hub.yaml"
        path.write_text(json.dumps({**hub, "network": {**HUB["network"], "egress": egress}}, default=str))
        with contextlib.chdir(project.stacks):
            config = {"lakeplane:spec": str(path)}
            rendered.append(render(main, project="lakeplane", stack="hub.hub", config=config))
    return rendered


def test_the_map_names_every_component_with_what_it_makes(graphs: list[Graph]) -> None:
    """`UPDATE_GOLDEN=1` writes the map anew."""
    made: dict[str, set[str]] = defaultdict(set)
    for graph in graphs:
        types = {found.urn: found.type for found in graph.resources}
        for found in graph.resources:
            parent = types.get(found.parent or "", "")
            if parent.startswith("lakeplane:") and not found.type.startswith("pulumi:pulumi:"):
                made[parent].add(_short(found.type))
    known = classes()
    unmade = [token for token in known if not made.get(token)]
    assert unmade == [], "components that no spec here makes anything of"
    rows = [
        f"| `{cls.__name__}` | [`{_file(cls)}`](lakeplane/components/{_file(cls)}) | {_what(cls)} | "
        f"{', '.join(sorted(made[token]))} |"
        for token, cls in sorted(known.items(), key=lambda one: (one[0].split(":")[1], one[1].__name__))
    ]
    table = "\n".join(["| component | file | is | makes |", "|---|---|---|---|", *rows]) + "\n"
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    present, _, after = rest.partition(END)
    if os.environ.get("UPDATE_GOLDEN"):
        README.write_text(f"{before}{BEGIN}{table}{END}{after}", encoding="utf-8")
        present = table
    assert present == table


def test_a_component_of_databricks_says_which_provider_it_needs(graphs: list[Graph]) -> None:
    """The workspace's or the account's: a provider of the one cannot do what is the other's."""
    known = classes()
    seen: set[str] = set()
    for graph in graphs:
        types = {found.urn: found.type for found in graph.resources}
        for found in graph.resources:
            if found.package == "databricks" and not found.read:
                component = known[types[found.parent or ""]]
                declared = vars(component)["databricks_provider"]
                assert (found.provider or "").rpartition("::")[2] == declared, found.urn
                seen.add(declared)
    assert seen == {"account", "workspace"}


def _short(token: str) -> str:
    """Write a type as people say it: `Subnet`, `Job`, `Deployment`."""
    return token.rpartition(":")[2]


def _file(cls: type) -> str:
    return f"{cls.__module__.rpartition('.')[2]}.py"


def _what(cls: type) -> str:
    return (cls.__doc__ or "").partition("\n")[0].rstrip(".")
