"""Start deployed jobs on a workspace and follow them; the same on Azure and on the simulated cloud."""

from lakeplane.jobs.runs import JobRun, TaskRun, find_job, job_run, run_job

__all__ = ["JobRun", "TaskRun", "find_job", "job_run", "run_job"]
