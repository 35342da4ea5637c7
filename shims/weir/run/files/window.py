"""Between which times files have to have been changed to be read (specification §7.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F

from weir.model.problems import Problem, WeirError
from weir.run.files.listing import SourceFile
from weir.run.files.options import FileOptions


@dataclass(frozen=True, slots=True)
class Window:
    """Times between which a file has to have been changed; None is no bound.

    Attributes:
        after: Not at this time, but later.
        before: Not at this time, but earlier.
    """

    after: datetime | None = None
    before: datetime | None = None

    @classmethod
    def of(cls, session: SparkSession, options: FileOptions) -> Window:
        """The bounds that options give.

        Raises:
            WeirError: One is no time.
        """
        if options.after is None and options.before is None:
            return cls()
        zone = ZoneInfo(session.conf.get("spark.sql.session.timeZone") or "UTC")
        return cls(_time(options, options.after, zone), _time(options, options.before, zone))

    def holds(self, file: SourceFile) -> bool:
        """Was a file changed between the bounds?"""
        at = datetime.fromtimestamp(file.modified / 1000, UTC)
        return (self.after is None or at > self.after) and (self.before is None or at < self.before)

    @property
    def conditions(self) -> list[Column]:
        """The same of the rows of files."""
        at = F.col("_metadata.file_modification_time")
        bounds = (self.after and at > F.lit(self.after), self.before and at < F.lit(self.before))
        return [bound for bound in bounds if bound is not None]


def _time(options: FileOptions, text: str | None, zone: ZoneInfo) -> datetime | None:
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        hint = "write it as 2026-01-31T12:00:00"
        problem = Problem("CF_INVALID_OPTION_VALUE", f"{text!r} is no time.", options.origin, hint)
        raise WeirError(problem) from None
    return time if time.tzinfo is not None else time.replace(tzinfo=zone)
