"""Rules counted and enforced in the one job that writes: flags, one observe, filters.

Counts are taken before any filter, so that each rule sees all rows (specification §2.3); a rule that gives
NULL is broken (§2.2).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from py4j.protocol import Py4JError
from pyspark.errors import AnalysisException, ParseException, PySparkException
from pyspark.sql import Column, DataFrame, Observation
from pyspark.sql import functions as F

from weir.model.counts import Counts, RuleCount
from weir.model.definitions import Action, Expectation
from weir.model.names import quoted
from weir.model.problems import Problem, WeirError, closest
from weir.run.frames.below import flags_below, is_remote, observed_row, without_rows
from weir.run.frames.expressions import sql_column
from weir.run.frames.fingerprint import is_repeatable
from weir.run.frames.marks import carried
from weir.run.frames.rule_limits import SUBQUERY, besides_the_row, subquery_in

FLAGS = "__weir"
MARK = "WEIR-EXPECTATION "
UNTRACED = "Input could not be determined from the violating output record."
PASSED = "passed "  # before the name of a rule, in an observed row


@dataclass(frozen=True, slots=True)
class WatchedFrame:
    """A frame under rules, and where its counts will be found.

    Attributes:
        name: The name of the observation, unique in the plan.
        rules: The rules that are counted.
        observation: The handle of a batch frame; a stream reports under `name` in its progress.
        flagged: The rows as the rules see them, each with a flag a rule.
        metrics: What is observed of them.
    """

    df: DataFrame
    name: str
    rules: tuple[Expectation, ...]
    observation: Observation | None
    dataset: str
    flagged: DataFrame
    metrics: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the rules that are counted."""
        return tuple(r.name for r in self.rules)

    def nothing(self) -> Counts:
        """The counts when no row came."""
        return Counts(rules=dict.fromkeys(self.names, RuleCount()))

    def read(self, row: Mapping[str, Any]) -> Counts:
        """Counts from an observed row."""
        passed = {name: row[PASSED + name] for name in self.names}
        rules = {name: RuleCount(n, row["rows"] - n) for name, n in passed.items()}
        return Counts(row["rows"], row["dropped"], rules)


def watch(df: DataFrame, rules: Sequence[Expectation], dataset: str, name: str) -> WatchedFrame:
    """Put a frame under its dataset's rules.

    Args:
        df: What the query returned.
        rules: All rules of the dataset.
        dataset: The dataset's name.
        name: The name of the observation, unique in the plan.

    Raises:
        AnalysisException: A rule is no SQL or names an unknown column.
    """
    flagged, flag = _flagged(df, rules)
    counted = tuple(r for r in rules if r.action is not Action.FAIL)
    drops = [flag[r.name] for r in rules if r.action is Action.DROP]
    keep = reduce(lambda a, b: a & b, drops) if drops else F.lit(True)
    metrics = (
        F.count(F.lit(1)).alias("rows"),
        F.count_if(~keep).alias("dropped"),
        *(F.count_if(flag[r.name]).alias(PASSED + r.name) for r in counted),
    )
    observation = None if df.isStreaming else Observation(name)
    watched = flagged.observe(observation or name, metrics[0], *metrics[1:])
    fails = {r.name: flag[r.name] for r in rules if r.action is Action.FAIL}
    if fails:
        watched = watched.filter(_or_raise(fails, df.columns))
    if drops:
        watched = watched.filter(keep)
    result = watched.drop(FLAGS) if rules else watched
    return WatchedFrame(result, name, counted, observation, dataset, flagged, metrics)


def broken(df: DataFrame, rules: Sequence[Expectation]) -> DataFrame:
    """The rows that break a rule, none dropped: one column of JSON texts, see `Violation`.

    Raises:
        AnalysisException: A rule is no SQL or names an unknown column.
    """
    flagged, flag = _flagged(df, rules)
    ok = reduce(lambda a, b: a & b, flag.values(), F.lit(True))
    return flagged.filter(~ok).select(_violation(flag, df.columns).alias("violation"))


def broken_by_row(df: DataFrame, rules: Sequence[Expectation]) -> list[tuple[str, ...]]:
    """The names of the rules that each row breaks, in the order of the rows; for few rows.

    Raises:
        AnalysisException: A rule is no SQL or names an unknown column.
    """
    flagged, flag = _flagged(df, rules)
    kept = flagged.select(*(column.alias(f"k{n}") for n, column in enumerate(flag.values()))).collect()
    return [tuple(name for name, ok in zip(flag, row, strict=True) if not ok) for row in kept]


def _flagged(df: DataFrame, rules: Sequence[Expectation]) -> tuple[DataFrame, dict[str, Column]]:
    """The frame with a flag for each rule, false where it is broken, and each rule's flag."""
    if not rules:
        return df, {}
    flags = [F.coalesce(condition(r, df), F.lit(False)) for r in rules]
    struct = F.struct(*(f.alias(f"r{i}") for i, f in enumerate(flags)))
    flag = {r.name: F.col(f"{FLAGS}.r{i}") for i, r in enumerate(rules)}
    if not _resolves(df, struct):
        return flags_below(df, flags, FLAGS), flag
    return df.withColumn(FLAGS, struct), flag


def _resolves(df: DataFrame, column: Column) -> bool:
    """Does a frame have all that a column names? An analysis of it that fails would end its observations."""
    try:
        asked = df if is_remote(df.sparkSession) else without_rows(df.sparkSession, df.schema)
        _ = asked.select(column).schema
    except AnalysisException:
        return False
    return True


def condition(rule: Expectation, df: DataFrame) -> Column:
    """The rule as a column of a frame; a Column's own comment is left as the user wrote it."""
    return sql_column(rule.condition, df) if isinstance(rule.condition, str) else rule.condition


def _or_raise(flag: Mapping[str, Column], columns: list[str]) -> Column:
    """True, or an error that carries the names of the broken rules and the row."""
    ok = reduce(lambda a, b: a & b, flag.values())
    message = F.concat(F.lit(MARK), _violation(flag, columns))
    # A Filter, since a column that nobody reads would be pruned together with its error.
    return F.when(ok, F.lit(True)).otherwise(F.raise_error(message).isNull())


def _violation(flag: Mapping[str, Column], columns: list[str]) -> Column:
    """The names of the rules that a row breaks, and the row, as JSON."""
    names = F.array_compact(F.array(*(F.when(~ok, F.lit(name)) for name, ok in flag.items())))
    row = F.struct(*(F.col(quoted(c)) for c in columns))
    return F.to_json(F.struct(names.alias("rules"), row.alias("row")), {"ignoreNullFields": "false"})


@dataclass(frozen=True, slots=True)
class Violation:
    """The first row that broke `fail` rules."""

    rules: tuple[str, ...]
    row: str

    def text(self, flow: str) -> str:
        """Databricks' error text (specification §2.4); an input row can't be traced here."""
        return (
            f"[EXPECTATION_VIOLATION.VERBOSITY_ALL] Flow '{flow}' failed to meet the expectation. "
            f"Violated expectations: '{', '.join(self.rules)}'. Input data: '{UNTRACED}'. "
            f"Output record: '{self.row}'. Missing input data: true"
        )


def violation(text: str) -> Violation | None:
    """The violation in the messages of an error's causes, if it is one."""
    details = carried(MARK, text, "rules", "row")
    if details is None:
        return None
    return Violation(tuple(details["rules"]), json.dumps(details["row"], ensure_ascii=False))


def observed(watched: WatchedFrame) -> Counts | None:
    """The counts of a batch frame after its action; None if that part of the plan was never run."""
    row = observed_row(watched.observation) if watched.observation is not None else None
    return watched.read(row) if row else None


def recounted(watched: WatchedFrame) -> Counts | None:
    """The counts of a batch frame by a query of their own; None if that may see other rows (§2.6).

    It never touches what is written: a row may only be counted where it would be the same again.
    """
    try:
        if not is_repeatable(watched.flagged):
            return None
        row = watched.flagged.agg(*watched.metrics).collect()[0].asDict()
        return watched.read(row) if is_repeatable(watched.flagged) else None
    except (PySparkException, Py4JError):
        return None


def rule_problems(df: DataFrame, rules: Iterable[Expectation], dataset: str) -> list[Problem]:
    """What is wrong with rules on a frame: no SQL, an unknown column, no boolean, more than a row."""
    rules = tuple(rules)
    if not rules or _all_sound(df, rules):
        return []
    return [p for r in rules if (p := _rule_problem(df, r, dataset)) is not None]


def _all_sound(df: DataFrame, rules: tuple[Expectation, ...]) -> bool:
    """One analysis for all of them: mostly there is nothing to find."""
    if any(_has_subquery(rule) for rule in rules):
        return False
    try:
        return besides_the_row(df, reduce(lambda a, b: a & b, (condition(r, df) for r in rules))) is None
    except (AnalysisException, ParseException, WeirError):
        return False


def _has_subquery(rule: Expectation) -> bool:
    return isinstance(rule.condition, str) and subquery_in(rule.condition)


def _rule_problem(df: DataFrame, rule: Expectation, dataset: str) -> Problem | None:
    if _has_subquery(rule):
        return _besides(rule, dataset, SUBQUERY)
    try:
        if what := besides_the_row(df, condition(rule, df)):
            return _besides(rule, dataset, what)
    except WeirError as error:
        return replace(error.problems[0], origin=rule.origin)
    except ParseException as error:
        return Problem(
            "INVALID_EXPECTATION",
            f"The rule `{rule.name}` of `{dataset}` is no SQL condition: {rule.text!r} "
            f"({first_line(error)}).",
            rule.origin,
            'write a boolean SQL expression, such as "amount > 0"',
        )
    except AnalysisException as error:
        return Problem(
            error.getCondition() or "INVALID_EXPECTATION",
            f"The rule `{rule.name}` of `{dataset}` does not fit its rows: {first_line(error)}",
            rule.origin,
            _column_hint(error, df),
        )
    return None


def _besides(rule: Expectation, dataset: str, what: str) -> Problem:
    return Problem(
        "INVALID_EXPECTATION",
        f"The rule `{rule.name}` of `{dataset}` has {what}: an expectation sees only its own row.",
        rule.origin,
        "compute it as a column of the query, and check that column",
    )


def _column_hint(error: AnalysisException, df: DataFrame) -> str:
    name = str((error.getMessageParameters() or {}).get("objectName", "")).replace("`", "")
    return closest(name, df.columns) or f"its columns are: {', '.join(df.columns)}"


def first_line(error: BaseException) -> str:
    """Spark's sentence without its condition, plan, SQL state and guesses: the hint has the best of them."""
    text = _said(error).strip().split("\n")[0] or type(error).__name__
    without_state = re.sub(r"^(.*?)(?:\s*SQLSTATE: [0-9A-Z]{5})+(?:;[^']*)?$", r"\1", text)
    without_guess = re.sub(r"\s*Did you mean one of the following\?.*$", "", without_state)
    return re.sub(r"^\[[A-Z_.]+\]\s*", "", without_guess).strip()


def _said(error: BaseException) -> str:
    """What an error says; one of Java's names a call, and its innermost cause says why that failed."""
    java = getattr(error, "java_exception", None)
    while java is not None and java.getCause() is not None:
        java = java.getCause()
    if java is None:
        return str(error)
    first, *others = (java.getMessage() or java.getClass().getSimpleName()).split("\n")
    return " ".join([first, *others]) if first.endswith(":") else first
