"""Loading the SDKs by name gives programs the same classes, and loads no package whole on their way.

Each case runs in a process of its own: what one test imported, the next could not load lazily any more.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

_PREVIEW = """
import json, sys
from pathlib import Path
from lakeplane.sdk_adapter import cuts
if sys.argv[1] == "eager":
    cuts.load_sdks_lazily = lambda: None
from lakeplane.preview import preview_environment, to_json
found = to_json(preview_environment(Path(sys.argv[2])))
lazy = [name for name, module in sys.modules.items() if type(module).__name__ == "_Package"]
print(json.dumps({"preview": found, "lazy": lazy, "modules": len(sys.modules)}))
"""

_SAME_OBJECTS = """
import importlib, sys
from lakeplane.sdk_adapter import load_sdks_lazily
load_sdks_lazily()
package = importlib.import_module(sys.argv[1])
early = {name: getattr(package, name) for name in sys.argv[2].split(",")}
assert type(package).__name__ == "_Package", "loaded whole before any unknown name was read"
dir(package)
assert type(package).__name__ == "module"
changed = [name for name, value in early.items() if getattr(package, name) is not value]
assert not changed, changed
"""

_UNKNOWN = """
from lakeplane.sdk_adapter import load_sdks_lazily
load_sdks_lazily()
from pulumi_azure_native import storage
try:
    storage.StorageAcount
except AttributeError as error:
    print(error)
from pulumi_azure_native.storage import *
print(StorageAccount.__name__, SkuArgs.__name__)
"""


def _run(program: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def specs() -> Path:
    return Path(__file__).parents[2] / "stacks/environments"


def test_the_program_registers_the_same_and_loads_no_package_whole(specs: Path) -> None:
    lazy = json.loads(_run(_PREVIEW, "lazy", str(specs / "local.yaml")))
    eager = json.loads(_run(_PREVIEW, "eager", str(specs / "local.yaml")))
    assert lazy["preview"] == eager["preview"]
    assert {"pulumi_databricks", "pulumi_azure_native.network"} <= set(lazy["lazy"])
    assert not [name for name in eager["lazy"] if name.startswith("pulumi_")]
    assert lazy["modules"] < eager["modules"] / 2


@pytest.mark.parametrize(
    ("package", "names"),
    [
        ("pulumi_azure_native.storage", "StorageAccount,SkuArgs,SkuName,get_storage_account_output,outputs"),
        ("pulumi_azure_native.network", "VirtualNetwork,SubnetInitArgs,SubnetArgs,NatGateway"),
        ("pulumi_azure_native.containerservice", "ManagedCluster,ManagedClusterSKUArgs,AgentPoolType"),
        ("pulumi_databricks", "Job,JobTaskArgs,get_current_user_output,Provider,MwsNetworks"),
        ("pulumi_kubernetes.core.v1", "Namespace,ContainerArgs,ServiceAccount"),
    ],
)
def test_a_name_read_early_is_the_object_that_the_whole_package_holds(package: str, names: str) -> None:
    _run(_SAME_OBJECTS, package, names)


def test_an_unknown_name_and_a_star_mean_what_they_mean_without_laziness() -> None:
    said = _run(_UNKNOWN).splitlines()
    assert said == [
        "module 'pulumi_azure_native.storage' has no attribute 'StorageAcount'",
        "StorageAccount SkuArgs",
    ]


_CLASSES = """
import importlib, inspect, json, sys
if sys.argv[1] == "lazy":
    from lakeplane.sdk_adapter import load_sdks_lazily
    load_sdks_lazily()
from pulumi import _types
module = importlib.import_module(sys.argv[2])
names = module.build_all() if sys.argv[1] == "lazy" else [each for each in module.__all__]
def told(cls):
    own = {key: str(inspect.signature(value)) if inspect.isfunction(value) else type(value).__name__
           for key, value in vars(cls).items() if key not in ("__dict__", "__weakref__", "__module__")}
    wire = {}
    if _types.is_input_type(cls):
        wire = {"names": _types.input_type_py_to_pulumi_names(cls)}
        wire["types"] = str(_types.input_type_types(cls))
    elif _types.is_output_type(cls):
        wire = {"types": str(_types.output_type_types(cls))}
    return [cls.__module__, [base.__name__ for base in cls.__mro__], own, wire]
print(json.dumps({name: told(getattr(module, name)) for name in sorted(names)}, sort_keys=True))
"""


@pytest.mark.parametrize(
    "module",
    [
        "pulumi_azure_native.storage._inputs",
        "pulumi_azure_native.network.outputs",
        "pulumi_kubernetes.core.v1._inputs",
        "pulumi_databricks.outputs",
    ],
)
def test_a_class_built_alone_is_the_class_of_the_whole_module(module: str) -> None:
    lazy, eager = (json.loads(_run(_CLASSES, way, module)) for way in ("lazy", "eager"))
    assert len(eager) > 20
    assert lazy == eager


_STARS = """
import sys, types, importlib.util, marshal
from pathlib import Path

def compiled(path):
    return marshal.loads(Path(importlib.util.cache_from_source(str(path))).read_bytes()[16:])

def names(code):
    inner = (each for each in code.co_consts if isinstance(each, types.CodeType))
    return set(code.co_names).union(*(names(each) for each in inner))

def classes(code):
    return {each.co_name for each in code.co_consts if isinstance(each, types.CodeType)}

checked, missed = 0, []
for package in sys.argv[1:]:
    root = Path(importlib.util.find_spec(package).origin).parent
    for inputs in root.rglob("_inputs.py"):
        taken = classes(compiled(inputs))
        for path in inputs.parent.glob("*.py"):
            if path.name in ("_inputs.py", "_enums.py", "outputs.py", "__init__.py"):
                continue
            code = compiled(path)
            checked += 1
            missed += [f"{path.stem}: {name}" for name in sorted((names(code) & taken) - classes(code))]
print(checked, missed)
"""


def test_no_file_of_a_resource_needs_at_run_time_what_it_takes_by_a_star() -> None:
    checked, _, missed = _run(
        _STARS, "pulumi_azure_native", "pulumi_databricks", "pulumi_kubernetes"
    ).partition(" ")
    assert int(checked) > 5000
    assert missed.strip() == "[]"
