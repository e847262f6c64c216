"""A starter spec: every key explained, optional ones as comments with the tier's values."""

from __future__ import annotations

import textwrap
from typing import Any

from lakeplane.spec.descriptions import describe
from lakeplane.spec.sections import AksSpec, DatabricksSpec, GroupsSpec, LakeSpec, MlSpec, ServingSpec
from lakeplane.spec.tiers import TIER_DEFAULTS, TIERS

__all__ = ["starter"]

_HEAD = """\
# yaml-language-server: $schema=environment.schema.json
#
# Environment {name}. Replace the values marked "your"; keys in comments are optional and show what holds
# without them. `lakeplane validate {name}` tells all that is wrong at once.

# Part of every resource's name, and the Unity Catalog catalog.
name: {name}

# Your organisation: 2 to 20 lower-case letters and digits.
organisation: contoso

# Azure region that has Databricks, Azure Machine Learning and AKS.
region: westeurope

# Your team and cost centre: tags of every resource and cluster.
owner: data-platform@contoso.example
cost_centre: "4711"

# Your subscription and tenant: `az account show --query "{{subscription: id, tenant: tenantId}}"`.
subscription: 00000000-0000-4000-8000-000000000001
tenant: 00000000-0000-4000-8000-000000000002

# Sizes and hours, never access: {tiers}.
tier: {tier}

# Raise it when names clash with soft-deleted ones.
# generation: 1

# USD a month that the owner is warned about.
# monthly_budget: 1500

# Last day on which anybody needs the environment; after it the pipeline `expiry` removes it, but in prod.
# expiry: 2030-12-31

# Who reaches the front doors; the back-end is private either way. Your public ranges, or `mode: private`
# without addresses.
access:
  mode: allow_list
  addresses:
    - 203.0.113.0/24

# Whose keys encrypt what is kept: platform, or customer_managed for keys in the environment's own vault,
# which Databricks' application in your tenant (`databricks_principal`) may use.
# encryption:
#   mode: platform

# Private range of /16 to /24; it must be free in the networks that this one is connected to. `hub` names the
# hub whose firewall and DNS zones are used; `bring_your_own` names a network that exists already.
# network:
#   address_space: 10.20.0.0/20
"""
_GROUPS = {name: field.default for name, field in GroupsSpec.model_fields.items()}
_TAIL = """
# Who is told of alerts, failed jobs and budgets, and for how many days logs are kept.
# watch:
#   emails: [data-platform@contoso.example]
#   log_retention_days: 90

# Pipelines that may look or deploy, by the subjects of their tokens, and the public ranges from which they
# reach the stacks' state; `lakeplane bootstrap` makes an identity for each of the two.
# pipelines:
#   preview: ["repo:contoso/platform:pull_request"]
#   apply: ["repo:contoso/platform:environment:deploy"]
#   addresses: [203.0.113.0/24]

# What you expect to use, for the estimate of cost that `lakeplane preview` shows; what is left out is listed
# there as not priced. No resource depends on it.
# cost:
#   lake_gb: 500
#   logs_gb_per_day: 2
#   outbound_gb_per_month: 100
#   sql_warehouse_hours_per_month: 80
#   ml_node_hours_per_month: {cpu-cluster: 40}

# Rules that need not hold here, each for a reason and for a time; `lakeplane policy rules` lists the codes.
# exceptions:
#   - rule: ST010
#     resource: ml-account
#     reason: what it holds can be made again within a day
#     owner: data-platform@contoso.example
#     until: 2030-12-31

# Inputs of single resources in the services' own words, by the resource's name in the program.
# overrides:
#   lake-account: {accessTier: Cool}

# Bundled workloads, in the order in which they run.
# workloads: [medallion, forecasting]
"""


def starter(name: str, tier: str = "dev") -> str:
    """Write a commented spec to start from; it loads without findings as it is.

    Args:
        name: Name of the environment; not checked here, so that `lakeplane validate` explains what is wrong.
        tier: `dev`, `test` or `prod`.

    Raises:
        ValueError: There is no such tier.
    """
    if tier not in TIERS:
        raise ValueError(f"no tier {tier!r}; allowed: {', '.join(TIERS)}")
    defaults = TIER_DEFAULTS[tier]
    return "".join(
        [
            _HEAD.format(name=name, tier=tier, tiers=", ".join(TIERS)),
            _section("groups", GroupsSpec, _GROUPS),
            _section("lake", LakeSpec, defaults["lake"]),
            _section("databricks", DatabricksSpec, defaults["databricks"]),
            _section("ml", MlSpec, defaults["ml"]),
            _section("aks", AksSpec, defaults["aks"]),
            _section("serving", ServingSpec, {"model": ServingSpec.model_fields["model"].default}),
            _TAIL,
        ]
    )


def _section(name: str, model: type, values: Any) -> str:
    lines = ["", f"# {(model.__doc__ or '').partition(chr(10))[0]}", f"# {name}:"]
    for key, value in values.items():
        described = describe(model).get(key, "")
        lines += [f"#   # {line}" for line in textwrap.wrap(described, 100)]
        lines.append(f"#   {key}: {_written(value)}")
    return "\n".join(lines) + "\n"


def _written(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_written(item)}' for key, item in value.items())}}}"
    return str(value)
