"""What a command tells of a failure that nobody turned into a finding."""

from __future__ import annotations

import sys
from urllib.error import URLError

from lakeplane.diagnostics import Diagnostic
from lakeplane.layout import cache_dir

__all__ = ["defect", "failed_call", "failed_registry"]

# MLflow has no class for a server that it can't reach: what it raises there is known by its first words.
_UNREACHED = "API request to "


def failed_call(error: OSError) -> Diagnostic:
    """Tell what a failed call means: SDKs too raise their failures as errors of the operating system."""
    if _is(error, "databricks.sdk.errors.base", "DatabricksError"):
        return Diagnostic(
            code="RUN006",
            summary="the workspace refused a call",
            detail=f"{getattr(error, 'error_code', None) or type(error).__name__}: {error}",
            remedy="correct what it names, then run the same command again",
        )
    if isinstance(error, (TimeoutError, ConnectionError, URLError)) or _is(
        error, "requests.exceptions", "RequestException"
    ):
        cause = f": {error.__cause__}" if error.__cause__ is not None else ""
        return Diagnostic(
            code="SET013",
            summary="a service does not answer",
            detail=f"{str(error) or type(error).__name__}{cause}",
            remedy="see whether it still runs and whether this machine reaches it, then run the same command "
            "again; logs of the local target lie in .lakeplane/<environment>/logs",
        )
    where = f": {error.filename}" if error.filename else ""
    return Diagnostic(
        code="SET002",
        summary="this machine refused an operation",
        detail=f"{error.strerror or error}{where}",
        remedy="free disk space or correct the permissions named here, then run the same command again",
    )


def failed_registry(error: Exception) -> Diagnostic | None:
    """Tell of an MLflow server that is gone or refuses; absent where the error may be a defect of ours."""
    if _is(error, "mlflow.exceptions", "RestException"):
        return Diagnostic(
            code="RUN008",
            summary="the MLflow server refused a call",
            detail=str(error),
            remedy="correct what it names, then run the same command again",
        )
    if _is(error, "mlflow.exceptions", "MlflowException") and str(error).startswith(_UNREACHED):
        return Diagnostic(
            code="RUN007",
            summary="the MLflow server does not answer as it should",
            detail=str(error),
            remedy="run the same command again, which starts the local target's server anew (the last one's "
            "log: .lakeplane/<environment>/logs/mlflow.log); on Azure see whether this machine reaches the "
            "workspace",
        )
    return None


def defect(trace: str) -> Diagnostic:
    """Tell of a defect of ours, and keep its traceback where a report can take it from."""
    path = cache_dir() / "last-defect.txt"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(trace, encoding="utf-8", errors="backslashreplace")
        remedy = f"report it with the details in {path}"
    except OSError as error:
        places = [line.strip() for line in trace.splitlines() if line.lstrip().startswith("File ")]
        remedy = (
            f"report it with this line and the command ({places[-1] if places else 'no place is known'}); "
            f"the details could not be written to {path}: {error.strerror or error}"
        )
    return Diagnostic(
        code="LKP001",
        summary="lakeplane itself failed; this is a defect of ours",
        detail=trace.strip().splitlines()[-1],
        remedy=remedy,
    )


def _is(error: Exception, module: str, name: str) -> bool:
    """Tell whether an error is of a class of a package that is loaded only where it is needed."""
    kind = getattr(sys.modules.get(module), name, None)
    return isinstance(kind, type) and isinstance(error, kind)
