"""A dataset's rows in a world that a test has changed."""

from __future__ import annotations

from dataclasses import replace

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from weir.model.trial import Trial
from weir.run.frames.clock import frozen
from weir.run.frames.quality import WatchedFrame


def tried(watched: WatchedFrame, trial: Trial) -> WatchedFrame:
    """The frame and its rules, as a test wants them."""
    condition = trial.failing.get(watched.dataset)
    if condition is not None:
        watched = replace(watched, df=_failing(watched.df, condition, watched.dataset))
    if trial.now is None:
        return watched
    return replace(watched, df=frozen(watched.df, trial.now), flagged=frozen(watched.flagged, trial.now))


def _failing(df: DataFrame, condition: str, dataset: str) -> DataFrame:
    message = F.lit(f"`{dataset}` fails at a row with {condition}, as the test says")
    # A Filter, since a column that nobody reads would be pruned together with its error.
    return df.filter(F.when(F.expr(condition), F.raise_error(message).isNull()).otherwise(F.lit(True)))
