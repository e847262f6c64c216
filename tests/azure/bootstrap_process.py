"""Carries out a bootstrap in a process of its own, so that a test can kill it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from services import Signed

from lakeplane.azure.bootstrap import carry_out, plan_bootstrap
from lakeplane.azure.bootstrap.subject import subject_of
from lakeplane.azure.client import Client
from lakeplane.planning import plan_environment
from lakeplane.spec import load_spec

if __name__ == "__main__":
    spec, url = sys.argv[1:]
    sys.stdin.readline()  # the test has to know the process before it may end
    plan = plan_bootstrap(subject_of(plan_environment(load_spec(Path(spec)))))
    outcomes = carry_out(Client(Signed(), endpoint=url, retries=0), plan.steps, poll_seconds=0.0)
    sys.stdout.write(json.dumps([one.status.value for one in outcomes]))
