"""A starter spec of a hub: every key explained, optional ones as comments with what holds without them."""

from __future__ import annotations

__all__ = ["hub_starter"]

_TEXT = """\
# yaml-language-server: $schema=hub.schema.json
#
# Hub {name}: what the environments of a region share. Replace the values marked "your"; keys in comments are
# optional and show what holds without them, or an example where nothing does. `lakeplane validate {name}`
# tells all that is wrong at once, and what to ask others for.

kind: hub

# Part of every resource's name.
name: {name}

# Your organisation: 2 to 20 lower-case letters and digits.
organisation: contoso

# Azure region; environments behind the hub stand in the same one.
region: westeurope

# Your team and cost centre: tags of every resource.
owner: platform@contoso.example
cost_centre: "4700"

# Your subscription and tenant: `az account show --query "{{subscription: id, tenant: tenantId}}"`.
# Environments behind the hub take them if they name none of their own.
subscription: 00000000-0000-4000-8000-000000000001
tenant: 00000000-0000-4000-8000-000000000002

# Raise it when names clash with soft-deleted ones.
# generation: 1

# USD a month that the owner is warned about.
# monthly_budget: 3000

# Private range of /16 to /23. Environments leave through the hub's firewall, which lets out what the services
# document and `allowed_fqdns`; with `egress: nat` each leaves by a NAT gateway of its own. `peerings` names
# your company's networks that people come from, each with its `virtual_network` and `address_spaces`.
# network:
#   address_space: 10.16.0.0/23
#   egress: firewall
#   allowed_fqdns: []
#   peerings: []

# Resource group that holds the private DNS zones already; the hub makes them if left out.
# private_dns:
#   existing_resource_group: /subscriptions/00000000-0000-4000-8000-000000000003/resourceGroups/rg-dns

# Who is told of the budget, and for how many days logs are kept.
# watch:
#   emails: [platform@contoso.example]
#   log_retention_days: 90

# What you expect to use, for the estimate of cost that `lakeplane preview` shows; what is left out is listed
# there as not priced. No resource depends on it.
# cost:
#   logs_gb_per_day: 1
#   outbound_gb_per_month: 500

# What the hub has of the Databricks account. Without account_id it leaves the account alone, and `lakeplane
# validate {name}` prints what to ask for. A region has one metastore: name the `existing` one, or `create`
# it.
# databricks:
#   account_id: 00000000-0000-4000-8000-000000000004
#   metastore:
#     existing: 00000000-0000-4000-8000-000000000005
#   network_connectivity: ncc-existing
#   private_endpoint_rules: []
#   serverless_allowed_fqdns: []
#   web_authentication: true

# Pipelines that may look or deploy, by the subjects of their tokens.
# pipelines:
#   preview: ["repo:contoso/platform:pull_request"]
#   apply: ["repo:contoso/platform:environment:prod"]

# A container job inside the network, for environments with access mode private; `image` by digest.
# runner:
#   cpu: 2
#   memory_gb: 4

# Environments that may stand behind the hub; its firewall lets nobody else out.
# environments:
#   - {{name: dev, address_space: 10.24.0.0/20}}
#   - {{name: prod, address_space: 10.25.0.0/16, gpu_nodes: true}}

# Rules that need not hold here, each for a reason and for a time; `lakeplane policy rules` lists the codes.
# exceptions:
#   - rule: LG004
#     resource: logs-workspace
#     reason: the security team keeps a copy for a year
#     owner: platform@contoso.example
#     until: 2030-12-31
"""


def hub_starter(name: str) -> str:
    """Write a commented hub spec to start from; it loads without errors as it is.

    Args:
        name: Name of the hub; not checked here, so that `lakeplane validate` explains what is wrong.
    """
    return _TEXT.format(name=name)
