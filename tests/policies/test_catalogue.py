"""The catalogue that people read, and the configuration that the engine reads, are those of the rules."""

from __future__ import annotations

import os
import re
from pathlib import Path

from lakeplane_policies import RULES
from lakeplane_policies.pages import as_data, table

README = Path(__file__).parents[2] / "policies" / "README.md"


def test_readme_lists_every_rule_as_it_is() -> None:
    text = README.read_text(encoding="utf-8")
    current = f"<!-- rules -->\n{table(RULES)}<!-- /rules -->"
    wanted = re.sub(r"<!-- rules -->.*<!-- /rules -->", lambda _: current, text, flags=re.DOTALL)
    if os.environ.get("UPDATE_GOLDEN"):
        README.write_text(wanted, encoding="utf-8")
        text = wanted
    assert text == wanted


def test_links_of_the_readme_lead_to_files() -> None:
    targets = re.findall(r"\]\(([^)]+)\)", README.read_text(encoding="utf-8"))
    assert len(targets) == len(RULES)
    assert all((README.parent / target).is_file() for target in targets)


def test_a_rule_is_data_for_scripts() -> None:
    rule = as_data(RULES[0])
    assert rule["code"] == "AK001"
    assert rule["levels"] == {"dev": "mandatory", "test": "mandatory", "prod": "mandatory"}
    assert rule["page"].startswith("AKS clusters know Entra users only.")


def test_every_misconfiguration_of_the_list_has_its_rule() -> None:
    """The sixty of the list that the catalogue was asked for, by a source id of each."""
    known = {source for rule in RULES for source in rule.sources}
    missing = {number: ids for number, ids in LISTED.items() if not known & ids}
    assert not missing
    assert len(LISTED) == 60


LISTED = {
    1: {"CKV_AZURE_3"},
    2: {"CKV_AZURE_44"},
    3: {"CKV_AZURE_34"},
    4: {"CKV2_AZURE_40"},
    5: {"CKV_AZURE_35"},
    6: {"CKV2_AZURE_33"},
    7: {"CKV2_AZURE_38"},
    8: {"CKV_AZURE_206"},
    9: {"CKV_AZURE_244"},
    10: {"CKV2_AZURE_1"},
    11: {"SAT NS-6"},
    12: {"SAT NS-4"},
    13: {"CKV_AZURE_158"},
    14: {"PSRule Azure.Databricks.SKU"},
    15: {"SAT NS-5"},
    16: {"SAT GOV-15"},
    17: {"SAT IA-5"},
    18: {"SAT GOV-1"},
    19: {"SAT DP-2"},
    20: {"SAT GOV-4"},
    21: {"SAT GOV-5"},
    22: {"SAT GOV-25"},
    23: {"SAT DP-1"},
    24: {"SAT GOV-11"},
    25: {"SAT GOV-42"},
    26: {"Databricks, compute policy reference"},
    27: {"databricks/cli#1546"},
    28: {"CKV_AZURE_144"},
    29: {"CKV_AZURE_243"},
    30: {"PSRule Azure.ML.UserManagedIdentity"},
    31: {"CKV_AZURE_142"},
    32: {"PSRule Azure.ML.ComputeVnet"},
    33: {"CKV_AZURE_150"},
    34: {"CKV_AZURE_141"},
    35: {"CKV_AZURE_5"},
    36: {"CKV_AZURE_6"},
    37: {"CKV_AZURE_7"},
    38: {"CKV_AZURE_143"},
    39: {"CKV_AZURE_116"},
    40: {"CKV_AZURE_172"},
    41: {"PSRule Azure.AKS.ManagedIdentity"},
    42: {"CKV_AZURE_171"},
    43: {"CKV_AZURE_4"},
    44: {"CKV_AZURE_227"},
    45: {"CKV_AZURE_170"},
    46: {"CKV_AZURE_246"},
    47: {"CKV_K8S_20"},
    48: {"CKV_K8S_16"},
    49: {"CKV_K8S_21"},
    50: {"CKV2_K8S_6"},
    51: {"CKV_K8S_11"},
    52: {"CKV_K8S_43"},
    53: {"CKV_K8S_41"},
    54: {"CKV_K8S_22"},
    55: {"CKV_K8S_157"},
    56: {"CKV_K8S_35"},
    57: {"CKV_AZURE_109"},
    58: {"CKV_AZURE_137"},
    59: {"PSRule Azure.NSG.LateralTraversal"},
    60: {"PSRule Azure.RBAC.LimitOwner"},
}
"""Sixty misconfigurations that checkov, PSRule, Microsoft, Databricks and CIS name, by one id of each."""
