"""The JSON schema: committed and current, explained throughout, and of one mind with the loader."""

import json
from pathlib import Path
from typing import Any

import pytest

from lakeplane.spec import EnvironmentSpec
from lakeplane.spec.descriptions import describe
from lakeplane.spec.documents import read_document
from lakeplane.spec.schema import hub_json_schema, json_schema
from lakeplane.spec.tiers import TIER_DEFAULTS, TIERS

ENVIRONMENTS = Path(__file__).parents[2] / "stacks" / "environments"


def test_committed_schemas_are_current() -> None:
    for name, current, option in (("environment", json_schema(), ""), ("hub", hub_json_schema(), "--hub ")):
        committed = json.loads((ENVIRONMENTS / f"{name}.schema.json").read_text(encoding="utf-8"))
        assert committed == current, (
            f"write it anew: lakeplane schema {option}> stacks/environments/{name}.schema.json"
        )


def test_hub_schema_knows_and_explains_every_key() -> None:
    schema = hub_json_schema()
    data = read_document(ENVIRONMENTS / "hub.yaml").data
    assert not missing_or_unknown(data, schema, schema)
    first = (ENVIRONMENTS / "hub.yaml").read_text(encoding="utf-8").partition("\n")[0]
    assert first == "# yaml-language-server: $schema=hub.schema.json"
    for definition in (schema, *schema["$defs"].values()):
        assert definition["description"]
        assert all(part["description"].endswith(".") for part in definition["properties"].values())


@pytest.mark.parametrize("name", ["local", "dev"])
def test_committed_environments_name_the_schema(name: str) -> None:
    first = (ENVIRONMENTS / f"{name}.yaml").read_text(encoding="utf-8").partition("\n")[0]
    assert first == "# yaml-language-server: $schema=environment.schema.json"


@pytest.mark.parametrize("name", ["local", "dev"])
def test_schema_knows_every_key_of_committed_environments(name: str) -> None:
    schema = json_schema()
    data = read_document(ENVIRONMENTS / f"{name}.yaml").data
    assert not missing_or_unknown(data, schema, schema)


def test_schema_requires_what_the_loader_requires() -> None:
    schema = json_schema()
    assert schema["required"] == [
        *(
            "name",
            "organisation",
            "region",
            "owner",
            "cost_centre",
            "tier",
            "access",
        )
    ]
    assert schema["anyOf"][0] == {"required": ["subscription", "tenant"]}, "or those of a hub"
    assert all("required" not in schema["$defs"][name] for name in ("LakeSpec", "DatabricksSpec", "AksSpec"))


def test_schema_tells_what_the_tier_decides() -> None:
    text = json_schema()["$defs"]["DatabricksSpec"]["properties"]["max_workers"]["description"]
    assert text.endswith("By tier: dev 4, test 8, prod 16.")


def test_every_key_is_explained_in_its_model() -> None:
    for model in [EnvironmentSpec, *nested_models()]:
        assert set(describe(model)) == set(model.model_fields), model.__name__
        assert all(text.endswith(".") for text in describe(model).values())


def test_tiers_decide_the_same_keys() -> None:
    shapes = [{section: set(values) for section, values in TIER_DEFAULTS[tier].items()} for tier in TIERS]
    assert all(shape == shapes[0] for shape in shapes)


def nested_models() -> list[Any]:
    annotations = [field.annotation for field in EnvironmentSpec.model_fields.values()]
    return [one for one in annotations if isinstance(one, type) and hasattr(one, "model_fields")]


def missing_or_unknown(data: Any, schema: dict[str, Any], root: dict[str, Any]) -> list[str]:
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    if not isinstance(data, dict):
        return []
    properties = schema.get("properties", {})
    wrong = [key for key in data if key not in properties]
    wrong += [key for key in schema.get("required", []) if key not in data]
    return wrong + [
        bad
        for key in data
        if key in properties
        for bad in missing_or_unknown(data[key], properties[key], root)
    ]
