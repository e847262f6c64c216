"""Programs with mistakes, as `pulumi up` and an offline preview would run them."""

from __future__ import annotations

from collections.abc import Callable

import pulumi
import pulumi_databricks as databricks
import pulumi_kubernetes as kubernetes
import pytest
from pulumi_azure_native import keyvault, machinelearningservices, monitor, storage

from lakeplane.diagnostics import Diagnostic
from lakeplane.errors import PlanError
from lakeplane.registration import RegistrationRefusedError, checked_registrations
from lakeplane.registration.metadata import resource_record
from lakeplane.registration.shapes import Walk
from lakeplane.render import Graph

Run = Callable[[Callable[[], object]], Graph]


def account(name: str, **more) -> storage.StorageAccount:
    given = {"account_name": "st", "resource_group_name": "rg", "kind": "StorageV2"}
    return storage.StorageAccount(name, **{**given, "sku": storage.SkuArgs(name="Standard_LRS"), **more})


def refused(run: Run, *programs: Callable[[], object]) -> list[tuple[str, str | None, str, str]]:
    def program() -> None:
        with checked_registrations():
            for each in programs:
                each()

    with pytest.raises(RegistrationRefusedError) as caught:
        run(program)
    assert isinstance(caught.value, PlanError)
    assert isinstance(caught.value, pulumi.RunError)
    return [(one.code, one.resource, one.dotted_path, one.remedy) for one in caught.value.findings]


def test_every_mistake_of_a_program_is_told_at_once(run_program: Run) -> None:
    found = refused(
        run_program,
        lambda: account("typo", network_rule_set={"default_acton": "Deny", "defaultAction": "Deny"}),
        lambda: account("value", minimum_tls_version="TLS12"),
        lambda: account("type", allow_blob_public_access="no"),
        lambda: account(
            "missing", network_rule_set={"ip_rules": [{"action": "Allow"}], "default_action": "Deny"}
        ),
    )
    assert found == [
        ("REG001", "typo", "network_rule_set.default_acton", "did you mean 'default_action'?"),
        ("REG003", "value", "minimum_tls_version", "did you mean 'TLS1_2'?"),
        ("REG002", "type", "allow_blob_public_access", "write one of what is allowed"),
        (
            "REG004",
            "missing",
            "network_rule_set.ip_rules[0].i_p_address_or_range",
            "give it a value",
        ),
    ]


def test_nothing_of_a_refused_program_reaches_the_engine(run_program: Run) -> None:
    registered: list[str] = []

    def program() -> None:
        with checked_registrations():
            account("right").id.apply(lambda _: registered.append("right"))
            account("wrong", kind="StorageV9")
        pytest.fail("the block ends with the refusal")

    with pytest.raises(RegistrationRefusedError) as caught:
        run_program(program)
    assert [one.resource for one in caught.value.findings] == ["wrong"]
    assert registered == []


def test_finding_of_the_program_is_told_with_the_mistakes(run_program: Run) -> None:
    def other() -> None:
        raise PlanError(Diagnostic(code="XXX001", summary="something else"))

    found = refused(run_program, lambda: account("wrong", kind="StorageV9"), other)
    assert [code for code, *_ in found] == ["REG003", "XXX001"]


def test_values_of_outputs_are_checked_when_they_are_sent(run_program: Run) -> None:
    (found,) = refused(
        run_program, lambda: account("late", minimum_tls_version=pulumi.Output.from_input("TLS9"))
    )
    assert found[:3] == ("REG003", "late", "minimumTlsVersion")


def test_secrets_are_opened_and_unknowns_left_alone(run_program: Run) -> None:
    def hidden() -> None:
        first = account("first")
        account("second", account_name=first.id, tags={"x": pulumi.Output.secret("y"), "z": first.id})
        account("third", kind=pulumi.Output.secret("StorageV9"))

    assert [one[:3] for one in refused(run_program, hidden)] == [("REG003", "third", "kind")]


def test_right_program_is_registered_as_without_the_check(run_program: Run) -> None:
    def program() -> None:
        made = account("account", kind="storagev2", tags={"Any Key": "x"})
        databricks.Job(
            "job",
            name="n",
            tasks=[{"task_key": "t", "depends_ons": [{"task_key": "u"}]}],
            job_clusters=[databricks.JobJobClusterArgs(job_cluster_key="k", new_cluster={"num_workers": 1})],
        )
        storage.StorageAccount.get("there", made.id)

    def checked() -> None:
        with checked_registrations():
            program()

    assert run_program(checked) == run_program(program)


def test_dictionary_where_the_sdk_translates_nothing_is_refused(run_program: Run) -> None:
    names = {"resource_group_name": "rg", "workspace_name": "ml", "compute_name": "c"}
    wrong = {"compute_type": "AmlCompute", "properties": {"vm_size": "Standard_D4s_v5"}}
    right = {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_D4s_v5"}}

    def compute(name: str, properties: object) -> Callable[[], object]:
        return lambda: machinelearningservices.Compute(name, properties=properties, **names)

    typed = machinelearningservices.AmlComputeArgs(
        compute_type="AmlCompute",
        properties=machinelearningservices.AmlComputePropertiesArgs(vm_size="Standard_D4s_v5"),
    )
    found = refused(run_program, compute("wrong", wrong), compute("right", right), compute("typed", typed))
    assert {one[:2] for one in found} == {("REG005", "wrong")}
    assert [one[2] for one in found] == ["properties.properties", "properties"]


def test_discriminator_tells_which_object_is_meant() -> None:
    walk = Walk()
    record = resource_record("azure-native:machinelearningservices:Compute")
    inputs = {
        "resourceGroupName": "rg",
        "workspaceName": "ml",
        "properties": {"computeType": "AmlCompute", "properties": {"vmSiez": "x"}},
    }
    record.check(walk, inputs, False)
    assert [(one.kind, one.path, one.suggestion) for one in walk.mistakes] == [
        ("unknown", ("properties", "properties", "vmSiez"), "vmSize")
    ]


def test_criteria_of_an_alert_are_checked_by_their_type(run_program: Run) -> None:
    criteria = monitor.MetricAlertSingleResourceMultipleMetricCriteriaArgs(
        odata_type="Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
        all_of=[
            monitor.MetricCriteriaArgs(
                criterion_type="StaticThresholdCriterion",
                metric_name="m",
                name="n",
                operator="GreaterThan",
                threshold=1,
                time_aggregation="Averege",
            )
        ],
    )

    def alert() -> object:
        return monitor.MetricAlert(
            "alert",
            resource_group_name="rg",
            criteria=criteria,
            enabled=True,
            evaluation_frequency="PT1M",
            scopes=["/x"],
            severity=1,
            window_size="PT5M",
        )

    (found,) = refused(run_program, alert)
    assert found == ("REG003", "alert", "criteria.all_of[0].time_aggregation", "did you mean 'Average'?")


@pytest.mark.parametrize(
    ("make", "path"),
    [
        (
            lambda: databricks.Permissions(
                "x",
                cluster_policy_id="p",
                access_controls=[{"group_name": "g", "permission_level": "CAN_MANAGE"}],
            ),
            "access_controls[0].permission_level",
        ),
        (
            lambda: databricks.Job(
                "x", schedule={"quartz_cron_expression": "0", "timezone_id": "UTC", "pause_status": "Paused"}
            ),
            "schedule.pause_status",
        ),
        (
            lambda: databricks.InstancePool(
                "x",
                idle_instance_autotermination_minutes=1,
                instance_pool_name="p",
                azure_attributes=databricks.InstancePoolAzureAttributesArgs(
                    availability="SPOT_WITH_FALLBACK_AZURE"
                ),
            ),
            "azure_attributes.availability",
        ),
        (
            lambda: kubernetes.core.v1.Namespace(
                "x", metadata={"labels": {"pod-security.kubernetes.io/enforce": "strict"}}
            ),
            "metadata.labels.pod-security.kubernetes.io/enforce",
        ),
        (
            lambda: kubernetes.networking.v1.NetworkPolicy(
                "x", spec={"pod_selector": {}, "policy_types": ["egress"]}
            ),
            "spec.policy_types[0]",
        ),
        (
            lambda: kubernetes.core.v1.Pod(
                "x", spec={"containers": [{"name": "c", "image_pull_policy": "IfNotPresnt"}]}
            ),
            "spec.containers[0].image_pull_policy",
        ),
        (
            lambda: keyvault.Vault(
                "x",
                resource_group_name="rg",
                properties=keyvault.VaultPropertiesArgs(
                    sku=keyvault.SkuArgs(family="A", name="standard"),
                    tenant_id="t",
                    public_network_access="off",
                ),
            ),
            "properties.public_network_access",
        ),
    ],
)
def test_values_that_the_sdks_call_text_are_checked(
    make: Callable[[], object], path: str, run_program: Run
) -> None:
    (found,) = refused(run_program, make)
    assert found[:3] == ("REG003", "x", path)
