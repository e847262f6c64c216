"""The evaluator against what the service was seen to answer, case by case."""

from typing import Any

import pytest
from service_cases import CASES, MALFORMED, Case

from lakeplane.cluster_policies import check_definition, evaluate


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_evaluator_answers_as_the_service_did(case: Case) -> None:
    assert check_definition(case.definition) == ()
    result = evaluate(
        case.definition, case.cluster, cluster_type="job", apply_defaults=case.defaults, pools={}
    )
    assert {one.summary for one in result.findings} == set(case.refusals)
    assert result.accepted is (not case.refusals)
    if not case.refusals:
        assert result.cluster == {**case.cluster, **case.becomes}


@pytest.mark.parametrize("case", [case for case in CASES if case.refusals], ids=lambda case: case.name)
def test_message_of_a_refusal_is_the_services_own(case: Case) -> None:
    result = evaluate(case.definition, case.cluster, cluster_type="job", apply_defaults=case.defaults)
    reasons = result.message.removeprefix("Cluster validation error: ").split("; ")
    assert set(reasons) == {
        reason if reason.startswith("the field") else f"Validation failed for {reason}"
        for reason in case.refusals
    }


@pytest.mark.parametrize(("name", "source", "definition"), MALFORMED)
def test_malformed_definition_accepts_nothing(name: str, source: str, definition: Any) -> None:
    assert check_definition(definition), f"{name}: {source}"
    assert not evaluate(definition, {}, cluster_type="job", apply_defaults=False).accepted


def test_every_case_names_its_source() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
    assert all("databricks" in case.source or "ucx" in case.source for case in CASES)
    recorded = [case for case in CASES if case.seen == "workspace" and "databricks/cli" in case.source]
    assert len(recorded) >= 14
