"""The list of transient errors: found by their true forms, never by those of lasting errors."""

from __future__ import annotations

import pytest

from lakeplane.waiting import GAVE_UP, TRANSIENT_ERRORS, WAITS, Patience, TransientError, find_transient


def _told(error: TransientError) -> str:
    if not error.code:
        return error.message
    return f'Status={error.status} Code="{error.code}" Message="{error.message}"'


def _where(error: TransientError) -> str:
    return f"{error.types[0]}x" if not error.types[0].endswith(("t", "r")) else error.types[0]


@pytest.mark.parametrize("error", TRANSIENT_ERRORS, ids=lambda error: error.name)
def test_each_error_is_found_by_its_true_form(error: TransientError) -> None:
    operation = next(iter(error.operations), "create")
    assert find_transient(_told(error), _where(error), operation) is error
    wrapped = f"1 error occurred:\n\t* creating urn:\n{_told(error)}\n"
    assert find_transient(wrapped, _where(error), operation) is error
    assert find_transient(_told(error), "random:index:Thing", operation) is None
    assert error.source
    assert error.seconds >= 60


def test_names_and_sources_are_all_there() -> None:
    names = [error.name for error in TRANSIENT_ERRORS]
    assert len(set(names)) == len(names) == 22


@pytest.mark.parametrize(
    ("message", "token"),
    [
        # Each is near to an entry, and lasts until somebody does something.
        (
            'Status=409 Code="ConflictError" Message="A vault with the same name already exists in deleted '
            'state. You need to either recover or purge existing key vault."',
            "azure-native:keyvault:Vault",
        ),
        (
            'Status=409 Code="VaultAlreadyExists" Message="The vault name is already in use."',
            "azure-native:keyvault:Vault",
        ),
        (
            'Status=409 Code="OperationNotAllowed" Message="Operation could not be completed as it results '
            'in exceeding approved standardDSv5Family Cores quota."',
            "azure-native:containerservice:ManagedCluster",
        ),
        (
            'Status=403 Code="AuthorizationFailed" Message="The client does not have authorization."',
            "azure-native:storage:StorageAccount",
        ),
        (
            'Status=409 Code="ScopeLocked" Message="cannot perform delete operation"',
            "azure-native:storage:StorageAccount",
        ),
        (
            'Status=400 Code="FailedIdentityOperation" Message="Identity operation for resource failed with '
            "error 'Failed to perform resource identity operation. Status: 'BadRequest'.'\"",
            "azure-native:databricks:AccessConnector",
        ),
        (
            "configured Kubernetes cluster is unreachable: unable to load schema information from the API "
            "server: the server has asked for the client to provide credentials",
            "kubernetes:core/v1:Namespace",
        ),
        (
            'Status=400 Code="InvalidTemplateDeployment" Message="x"',
            "azure-native:resources:ResourceGroup",
        ),
        (
            "cannot create catalog: User does not have CREATE CATALOG on Metastore 'm'.",
            "databricks:index/catalog:Catalog",
        ),
        (
            "cannot create instance pool: the quota of cores has been exceeded",
            "databricks:index/instancePool:InstancePool",
        ),
        (
            'Deployment.apps "scoring" is invalid: spec.replicas: Invalid value: -1',
            "kubernetes:apps/v1:Deployment",
        ),
        (
            'namespaces is forbidden: User "x" cannot create resource "namespaces" in API group ""',
            "kubernetes:core/v1:Namespace",
        ),
    ],
)
def test_lasting_errors_are_not_on_the_list(message: str, token: str) -> None:
    assert find_transient(message, token, "create") is None


class Clock:
    """A clock that stands until it is told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_pauses_grow_until_the_deadline() -> None:
    clock = Clock()
    patience = Patience(clock=clock)
    error = TRANSIENT_ERRORS[0]
    told = []
    while (waiting := patience.consider(error, "create urn", "lake-connector-role")).retries:
        told.append(waiting)
        clock.now += waiting.seconds
    pauses = [waiting.seconds for waiting in told]
    assert pauses[:5] == [5.0, 7.5, 11.25, 16.875, 25.3125]
    assert max(pauses) == 30.0
    assert sum(pauses) == pytest.approx(error.seconds)
    # The engine itself stops after a hundred.
    assert len(pauses) < 100
    assert told[0].text == f"{WAITS}{error.name} on lake-connector-role, attempt 2 in 5 s"
    assert waiting.text.startswith(f"{GAVE_UP}{error.name} on lake-connector-role, after 600 s, ")
    assert patience.consider(error, "create urn", "again").retries, "a later failure is a new one"


@pytest.mark.parametrize("error", TRANSIENT_ERRORS, ids=lambda error: error.name)
def test_no_deadline_needs_more_attempts_than_the_engine_grants(error: TransientError) -> None:
    clock = Clock()
    patience = Patience(clock=clock)
    attempts = 1
    while (waiting := patience.consider(error, "k", "n")).retries:
        attempts += 1
        clock.now += waiting.seconds
    assert attempts < 100


def test_resources_do_not_share_a_deadline() -> None:
    clock = Clock()
    patience = Patience(deadline=10, clock=clock)
    assert patience.consider(TRANSIENT_ERRORS[0], "one", "one").retries
    clock.now = 11
    assert patience.consider(TRANSIENT_ERRORS[0], "two", "two").retries
    assert not patience.consider(TRANSIENT_ERRORS[0], "one", "one").retries


@pytest.mark.parametrize(
    ("variables", "first", "deadline"),
    [
        ({}, 5.0, None),
        ({"LAKEPLANE_RETRY_PAUSE": "0.5", "LAKEPLANE_RETRY_DEADLINE": "90"}, 0.5, 90.0),
        ({"LAKEPLANE_RETRY_PAUSE": "soon", "LAKEPLANE_RETRY_DEADLINE": "-1"}, 5.0, None),
    ],
)
def test_patience_is_read_from_the_environment(
    variables: dict[str, str], first: float, deadline: float | None
) -> None:
    patience = Patience.from_environment(variables)
    assert (patience.first, patience.deadline) == (first, deadline)
