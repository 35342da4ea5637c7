"""What is wrong with files whose columns can't be inferred, as a problem that names the file (§7.3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pyspark.errors import PySparkException
from pyspark.sql.types import StructType

from weir.model.names import quoted
from weir.model.problems import Problem, WeirError
from weir.run.files.headers import EncodingNameError
from weir.run.files.listing import SourceFile
from weir.run.files.options import FileOptions
from weir.run.frames.quality import first_line

TWICE = "COLUMN_ALREADY_EXISTS"
GIVE = "give the schema: .schema('a INT, b STRING')"


def culprit(files: Sequence[SourceFile], fails: Callable[[Sequence[SourceFile]], bool]) -> SourceFile | None:
    """The first file because of which all fail, found by halving; None where they fail only together."""
    if len(files) == 1:
        return files[0]
    half = len(files) // 2
    part = next((part for part in (files[:half], files[half:]) if fails(part)), None)
    return None if part is None else culprit(part, fails)


def not_inferred(options: FileOptions, error: BaseException, file: SourceFile | None) -> WeirError:
    """Spark infers no columns from files.

    Args:
        error: What it says.
        file: The one because of which.
    """
    files = f"the files at {options.path}" if file is None else f"the file {file.path}"
    condition, reason, hint = _reason(options, error)
    message = f"The columns of {files} can't be inferred: {reason}"
    return WeirError(Problem(condition, message, options.origin, hint))


def _reason(options: FileOptions, error: BaseException) -> tuple[str, str, str]:
    if isinstance(error, PySparkException) and error.getCondition() == TWICE:
        name = (error.getMessageParameters() or {}).get("columnName", "a name")
        what = "an element or attribute" if options.format == "xml" else "the key"
        return TWICE, f"a record has {what} {name} twice", "give one of the two another name in the file"
    reason = first_line(error)
    if isinstance(error, EncodingNameError):
        return "CF_INVALID_OPTION_VALUE", reason, "write the encoding's name as in: UTF-8"
    if reason.startswith("requirement failed: "):  # of the options, whatever the files hold
        return "CF_INVALID_OPTION_VALUE", reason.partition(": ")[2], "change the options of the read"
    apart = "give the files that differ a folder of their own"  # a schema does not help: there is one
    hint = apart if options.schema is not None else GIVE
    return "CF_FAILED_TO_INFER_SCHEMA", reason, hint


def without_columns(options: FileOptions, files: Sequence[SourceFile]) -> WeirError:
    """There is nothing to infer columns from."""
    path, hint = quoted(options.path), GIVE
    condition = "CF_EMPTY_DIR_FOR_SCHEMA_INFERENCE"
    message = f"Cannot infer schema when the input path {path} is empty."
    if any(file.size for file in files):
        condition = "CF_FAILED_TO_INFER_SCHEMA"
        message = f"Cannot infer schema: the files at {path} have no record that reads as {options.format}."
        over_lines = "if a record takes several lines, set multiLine to true; else "
        hint = (over_lines if options.format == "json" else "") + hint
    else:
        hint = f"start when there are files, or {hint}"
    return WeirError(Problem(condition, message, options.origin, hint))


def check_names(options: FileOptions, schema: StructType) -> None:
    """The column of rescued data has its name for itself.

    Raises:
        WeirError: Files have a field of this name.
    """
    name = options.rescue or ""
    if name.lower() in {field.lower() for field in schema.names}:
        files = f"The files at {options.path} have a field {quoted(name)}"
        message = f"{files}, the name of the column of rescued data."
        hint = "give that another name: .option('rescuedDataColumn', '_rest')"
        raise WeirError(Problem(TWICE, message, options.origin, hint))
