"""What Databricks' service was seen to make of clusters under policies, case by case, as data.

Recorded on workspaces: the acceptance tests of databricks/cli under `acceptance/bundle/resources/jobs/
cluster_policy` (their `test.toml` of commit 1c84670032 has `Cloud = true`; they were first written under
`acceptance/bundle/resources/cluster_policies`), and refusals that users of the Terraform provider and other
tools quote. `testserver` marks what only databricks/cli's own fake workspace shows, and `reading` what no
source shows and we read so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

_JOBS = "databricks/cli acceptance/bundle/resources/jobs/cluster_policy"
_ACCEPTANCE = "databricks/cli acceptance/bundle/resources/cluster_policies"
_TESTSERVER = "databricks/cli libs/testserver/cluster_policies_test.go @452c18456c"

SIZE = {"node_type_id": "Standard_D4ds_v5", "num_workers": 1}
RUNTIME = {"spark_version": "13.3.x-snapshot-scala2.12"}
FIXED_TAG = {"custom_tags.CostCenter": {"type": "fixed", "value": "from-policy"}}
DEFAULT_TAG = {
    "custom_tags.DefaultTag": {"type": "unlimited", "defaultValue": "from-default", "isOptional": True}
}
SERVER = {
    "spark_version": {"type": "fixed", "value": "policy-version"},
    "custom_tags.Fixed": {"type": "fixed", "value": "f"},
    "custom_tags.Default": {"type": "unlimited", "defaultValue": "d", "isOptional": True},
    "node_type_id": {"type": "unlimited", "defaultValue": "policy-node", "isOptional": True},
}


@dataclass(frozen=True)
class Case:
    """One policy, one cluster, and what came of it.

    Attributes:
        name: Name of the case.
        source: Repository, file and commit, or issue.
        definition: The policy.
        cluster: The cluster that was asked for.
        defaults: Whether it asked for `apply_policy_default_values`.
        becomes: What the policy added; empty for nothing.
        refusals: Reasons in the service's own words; empty if the cluster was accepted.
        seen: Where it was seen.
    """

    name: str
    source: str
    definition: dict[str, Any]
    cluster: dict[str, Any]
    defaults: bool = False
    becomes: dict[str, Any] = field(default_factory=dict)
    refusals: tuple[str, ...] = ()
    seen: Literal["workspace", "testserver", "reading"] = "workspace"


CASES = (
    *(
        Case(
            f"fixed values are supplied to {where}",
            f"{_JOBS}/fixed_addition/{{databricks.yml.tmpl @b3b4d086e4, output.txt @29be46794b}}",
            {"spark_version": {"type": "fixed", "value": RUNTIME["spark_version"]}, **FIXED_TAG},
            SIZE,
            becomes={**RUNTIME, "custom_tags": {"CostCenter": "from-policy"}},
        )
        for where in ("the cluster of a job", "the cluster of a task", "the cluster of a for-each task")
    ),
    Case(
        "fixed values are supplied, not only checked, without being asked for",
        f"{_JOBS}/fixed_values_applied/{{databricks.yml.tmpl, output.txt}} @33a6ad6c05",
        {
            "spark_version": {"type": "fixed", "value": RUNTIME["spark_version"]},
            "custom_tags.CostCenter": {"type": "fixed", "value": "policy-supplied"},
        },
        SIZE,
        becomes={**RUNTIME, "custom_tags": {"CostCenter": "policy-supplied"}},
    ),
    Case(
        "a tag that contradicts a fixed value is refused",
        f"{_JOBS}/config_conflicts_policy/{{databricks.yml.tmpl @b3b4d086e4, output.txt @0aaf151246}}",
        FIXED_TAG,
        {**SIZE, **RUNTIME, "custom_tags": {"CostCenter": "not-what-the-policy-says"}},
        refusals=('custom_tags, CostCenter must be from-policy (is "not-what-the-policy-says")',),
    ),
    Case(
        "a tag that contradicts a fixed value is refused, first recording",
        f"{_JOBS}/fixed_value_conflict/{{databricks.yml.tmpl @33a6ad6c05, output.txt @78c76def42}}",
        {"custom_tags.CostCenter": {"type": "fixed", "value": "from-fixed"}},
        {**SIZE, **RUNTIME, "custom_tags": {"CostCenter": "not-what-the-policy-says"}},
        refusals=('custom_tags, CostCenter must be from-fixed (is "not-what-the-policy-says")',),
    ),
    Case(
        "a default is not supplied unasked",
        f"{_JOBS}/default_flag/{{databricks.yml.tmpl @b3b4d086e4, output.txt @452c18456c}}, flag_off",
        DEFAULT_TAG,
        {**SIZE, **RUNTIME},
    ),
    Case(
        "a default is supplied when asked for",
        f"{_JOBS}/default_flag/{{databricks.yml.tmpl @b3b4d086e4, output.txt @452c18456c}}, flag_on",
        DEFAULT_TAG,
        {**SIZE, **RUNTIME},
        defaults=True,
        becomes={"custom_tags": {"DefaultTag": "from-default"}},
    ),
    *(
        Case(
            f"what is supplied: {key}",
            f"{_JOBS}/policy_value_semantics/{{databricks.yml.tmpl, output.txt}} @33a6ad6c05, {key}; "
            f"{_ACCEPTANCE}/policy_value_semantics/output.txt @942c2e4fbd",
            definition,
            {**SIZE, **RUNTIME},
            defaults=key.endswith("_flag"),
            becomes=becomes,
        )
        for key, definition, becomes in (
            (
                "a_fixed_noflag",
                {"custom_tags.FixedTag": {"type": "fixed", "value": "from-fixed"}},
                {"custom_tags": {"FixedTag": "from-fixed"}},
            ),
            ("b_default_noflag", DEFAULT_TAG, {}),
            ("c_default_flag", DEFAULT_TAG, {"custom_tags": {"DefaultTag": "from-default"}}),
            (
                "d_fixed_flag",
                {"custom_tags.FixedTag": {"type": "fixed", "value": "from-fixed"}},
                {"custom_tags": {"FixedTag": "from-fixed"}},
            ),
        )
    ),
    Case(
        "a policy's tag joins the cluster's own",
        f"{_JOBS}/owned_tag_drift/{{databricks.yml.tmpl @b3b4d086e4, output.txt @0aaf151246}}",
        FIXED_TAG,
        {**SIZE, **RUNTIME, "custom_tags": {"Mine": "mine"}},
        becomes={"custom_tags": {"CostCenter": "from-policy", "Mine": "mine"}},
    ),
    Case(
        "a policy's tag joins the cluster's own, first recording",
        f"{_JOBS}/policy_drift/{{databricks.yml.tmpl, output.txt}} @33a6ad6c05, owned_tag",
        FIXED_TAG,
        {**SIZE, **RUNTIME, "custom_tags": {"Mine": "mine"}},
        becomes={"custom_tags": {"CostCenter": "from-policy", "Mine": "mine"}},
    ),
    Case(
        "a policy's tag reaches a cluster without tags",
        f"{_JOBS}/policy_id_scoping/{{databricks.yml.tmpl @c04c675bee, output.txt @29be46794b}}, gated",
        FIXED_TAG,
        {**SIZE, **RUNTIME},
        becomes={"custom_tags": {"CostCenter": "from-policy"}},
    ),
    Case(
        "a policy's tag reaches a cluster that stands alone",
        f"{_ACCEPTANCE}/policy_no_drift_variants/{{databricks.yml.tmpl, output.txt}} @33a6ad6c05, standalone",
        FIXED_TAG,
        {**RUNTIME, "instance_pool_id": "pool", "num_workers": 1},
        becomes={"custom_tags": {"CostCenter": "from-policy"}},
        seen="testserver",  # its test.toml @2b5c067b8d has Cloud = false
    ),
    Case(
        "a cluster that gives the fixed value itself is accepted",
        f"{_ACCEPTANCE}/job_ref/databricks.yml @74b19b1342",
        {"spark_version": {"type": "fixed", "value": "13.3.x-scala2.12"}},
        {"spark_version": "13.3.x-scala2.12", "num_workers": 1},
        seen="testserver",
    ),
    Case(
        "numbers, booleans and ranges of a definition",
        f"{_ACCEPTANCE}/definition_yaml/databricks.yml @74b19b1342",
        {
            "spark_version": {"type": "fixed", "value": "13.3.x-scala2.12"},
            "autotermination_minutes": {"type": "range", "minValue": 10, "maxValue": 120},
            "enable_elastic_disk": {"type": "fixed", "value": True},
        },
        {"autotermination_minutes": 30},
        becomes={"spark_version": "13.3.x-scala2.12", "enable_elastic_disk": True},
        seen="reading",  # the test shows that the definition is stored, not what a cluster becomes
    ),
    Case(
        "fixed values unasked, defaults not",
        f"{_TESTSERVER}, case 1",
        SERVER,
        {},
        becomes={"spark_version": "policy-version", "custom_tags": {"Fixed": "f"}},
        seen="testserver",
    ),
    Case(
        "defaults when asked for",
        f"{_TESTSERVER}, case 2",
        SERVER,
        {},
        defaults=True,
        becomes={
            "spark_version": "policy-version",
            "custom_tags": {"Fixed": "f", "Default": "d"},
            "node_type_id": "policy-node",
        },
        seen="testserver",
    ),
    Case(
        "a default never overrides what was asked for",
        f"{_TESTSERVER}, case 3",
        SERVER,
        {"node_type_id": "user-node"},
        defaults=True,
        becomes={"spark_version": "policy-version", "custom_tags": {"Fixed": "f", "Default": "d"}},
        seen="testserver",
    ),
    Case(
        "tags of policy and cluster are merged",
        f"{_TESTSERVER}, case 4",
        SERVER,
        {"custom_tags": {"Mine": "yes"}},
        becomes={"spark_version": "policy-version", "custom_tags": {"Fixed": "f", "Mine": "yes"}},
        seen="testserver",
    ),
    Case(
        "a value that contradicts a fixed one",
        f"{_TESTSERVER}, case 5; its wording is called an approximation there, so that of issue 403 stands",
        SERVER,
        {"spark_version": "user-version"},
        refusals=('spark_version, the value must be policy-version (is "user-version")',),
        seen="testserver",
    ),
    Case(
        "a tag that contradicts a fixed one",
        f"{_TESTSERVER}, case 6",
        SERVER,
        {"custom_tags": {"Fixed": "mine"}},
        refusals=('custom_tags, Fixed must be f (is "mine")',),
        seen="testserver",
    ),
    Case(
        "fixed values refuse others, and limiting types make tags and configuration required",
        "databricks/terraform-provider-databricks issue 403 (6 November 2020)",
        {
            "spark_conf.spark.hadoop.fs.s3a.acl.default": {"type": "unlimited"},
            "driver_node_type_id": {"type": "fixed", "value": "i3.2xlarge"},
            "enable_elastic_disk": {"type": "fixed", "value": True},
            "custom_tags.environment": {"type": "unlimited"},
        },
        {"driver_node_type_id": "i3.xlarge", "enable_elastic_disk": False},
        refusals=(
            "spark_conf, spark.hadoop.fs.s3a.acl.default must be present",
            'driver_node_type_id, the value must be i3.2xlarge (is "i3.xlarge")',
            'enable_elastic_disk, the value must be true (is "false")',
            "custom_tags, environment must be present",
        ),
    ),
    Case(
        "a pool and a size exclude each other",
        "databricks/terraform-provider-databricks issue 2141 (22 March 2023); Nike-Inc/brickflow issue 43",
        {},
        {**SIZE, "instance_pool_id": "0322-114546-stern33-pool-7izzz25u"},
        refusals=("the field 'node_type_id' cannot be supplied when an instance pool ID is provided",),
    ),
    Case(
        "a policy that fixes a pool may not supply a size",
        "databrickslabs/ucx installer/policy.py, which takes such limits out of policies with a pool",
        {
            "instance_pool_id": {"type": "fixed", "value": "pool"},
            "node_type_id": {"type": "fixed", "value": "Standard_D4ds_v5"},
        },
        {"num_workers": 1},
        refusals=("the field 'node_type_id' cannot be supplied when an instance pool ID is provided",),
        seen="reading",
    ),
)

MALFORMED = (
    (
        "a list instead of a mapping",
        "databricks/cli pull request 6492 (2 September 2026): stored, then every cluster refused as under a "
        "malformed policy definition",
        [{"foo": "bar"}],
    ),
)
