"""Stages that Spark ran more than once: what was counted in their first run was counted again."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from pyspark.sql import SparkSession

from weir.run.frames.below import hears_of_all_jobs, is_remote

GROUP = "spark.jobGroup.id"
SECONDS = 10


class Stages:
    """The stages of a group of jobs; over Spark Connect nothing of them can be seen."""

    def __init__(self, session: SparkSession, group: str) -> None:
        self.session = session
        self.group = group
        self.jobs: set[int] = set()

    def ran_again(self) -> bool:
        """Was one of them tried again since the last look? So it is taken where that can't be known."""
        if is_remote(self.session):
            return False
        if not hears_of_all_jobs(self.session, SECONDS):
            return True
        tracker = self.session.sparkContext.statusTracker()
        jobs = set(tracker.getJobIdsForGroup(self.group)) - self.jobs
        self.jobs |= jobs
        stages = {s for j in jobs if (job := tracker.getJobInfo(j)) is not None for s in job.stageIds}
        looked_at = (tracker.getStageInfo(s) for s in stages)
        return any(stage is not None and stage.currentAttemptId > 0 for stage in looked_at)


@contextmanager
def grouped(session: SparkSession) -> Iterator[Stages]:
    """The jobs that this thread starts in the block, as a group of their own."""
    stages = Stages(session, uuid.uuid4().hex)
    if is_remote(session):
        yield stages
        return
    context = session.sparkContext
    before = context.getLocalProperty(GROUP)
    context.setLocalProperty(GROUP, stages.group)
    try:
        yield stages
    finally:
        context.setLocalProperty(GROUP, before)  # pyright: ignore[reportArgumentType]
