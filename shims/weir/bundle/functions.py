"""The SQL functions that a bundle's jobs make: `CREATE FUNCTION` statements of a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from sqlglot.errors import TokenError

from weir.define.tokens import ClauseCursor, UnexpectedTokenError, is_name, tokens_of
from weir.model.governance import Function
from weir.model.names import BadNameError, Namespace, join, quoted, text_literal
from weir.model.origin import Origin
from weir.model.problems import Problem, WeirError, unsupported

CALLER = frozenset({"CURRENT_USER", "SESSION_USER"})
VIEW = ("CREATE", "OR", "REPLACE", "VIEW")  # says nothing of who sees what


def read_functions(file: Path, parameters: Mapping[str, str]) -> tuple[Function, ...]:
    """Read the functions of a file of `USE CATALOG`, `CREATE FUNCTION` and `CREATE VIEW` statements.

    Args:
        file: The file.
        parameters: What `:name` stands for, as the job's task gives it.

    Raises:
        WeirError: It can't be read, or says something else.
    """
    try:
        cursor = ClauseCursor.over(file.read_text(encoding="utf-8"))
        return tuple(_statements(cursor, file, parameters))
    except OSError as error:
        text = f"Can't read `{file.name}`: {error.strerror}."
        raise WeirError(Problem("PATH_NOT_READABLE", text)) from error
    except TokenError as error:
        raise WeirError(_unreadable(Origin(str(file), 1), "its end")) from error


def _statements(cursor: ClauseCursor, file: Path, parameters: Mapping[str, str]) -> Iterator[Function]:
    catalog = Namespace().catalog
    while not cursor.done:
        if cursor.skip(";"):
            continue
        origin = Origin(str(file), cursor.tokens[cursor.at].line)
        try:
            if cursor.skip("USE", "CATALOG"):
                catalog = _catalog(cursor, parameters)
            elif cursor.skip(*VIEW):
                _pass_over(cursor)
            else:
                yield _function(cursor, catalog, origin)
        except (UnexpectedTokenError, BadNameError) as error:
            raise WeirError(_unreadable(origin, f"`{error}`")) from error


def _catalog(cursor: ClauseCursor, parameters: Mapping[str, str]) -> str:
    if not cursor.skip("IDENTIFIER", "(", ":"):
        return cursor.part()
    name = cursor.part()
    cursor.expect(")")
    if name not in parameters:
        raise UnexpectedTokenError(f":{name}")
    return parameters[name]


def _pass_over(cursor: ClauseCursor) -> None:
    while not (cursor.done or cursor.sees(";")):
        cursor.take()


def _function(cursor: ClauseCursor, catalog: str, origin: Origin) -> Function:
    cursor.expect("CREATE")
    cursor.skip("OR", "REPLACE")
    cursor.expect("FUNCTION")
    cursor.skip("IF", "NOT", "EXISTS")
    name = Namespace(catalog).table(join(cursor.name()))
    begin = cursor.at
    _pass_over(cursor)
    own = cursor.tokens[begin : cursor.at]
    words = [t.text.upper() for t in own if is_name(t)]
    if "FROM" in words:
        raise unsupported(f"`{name}`, a function that reads tables,", "let it use only its arguments", origin)
    if "LANGUAGE" in words and words[words.index("LANGUAGE") + 1 :][:1] != ["SQL"]:
        raise unsupported(f"`{name}`, a function in another language,", "write it in SQL", origin)
    if not own or own[0].text != "(":
        raise UnexpectedTokenError(own[0].text if own else "the end")
    text = cursor.text[own[0].start : own[-1].end + 1]
    return Function(name, _parameters([t.text for t in own]), text, catalog, origin)


def _parameters(texts: list[str]) -> int:
    """How many stand between the first parentheses, whatever parentheses their types have."""
    depth = commas = 0
    for position, text in enumerate(texts):
        depth += (text in {"(", "<"}) - (text in {")", ">"})
        commas += text == "," and depth == 1
        if depth == 0:
            return commas + 1 if position > 1 else 0
    return 0


def _unreadable(origin: Origin, near: str) -> Problem:
    return Problem(
        "PARSE_SYNTAX_ERROR",
        f"This is not a statement that creates a function, near {near}.",
        origin,
        "write CREATE OR REPLACE FUNCTION schema.name(column TYPE) RETURNS TYPE RETURN expression",
    )


def temporary_name(function: str) -> str:
    """The one-part name under which a function is made in a session."""
    return quoted(f"weir {function}")


def create_temporary(function: Function, known: Mapping[str, Function], user: str) -> str:
    """The statement that makes a function in a session in which `user` asks."""
    text, end = [f"CREATE OR REPLACE TEMPORARY FUNCTION {temporary_name(function.name)}"], 0
    for start, stop, new in _edits(function, known, user):
        text.append(function.text[end:start] + new)
        end = stop
    return "".join([*text, function.text[end:]])


def _edits(function: Function, known: Mapping[str, Function], user: str) -> Iterator[tuple[int, int, str]]:
    """Calls of other functions by their temporary names, and the user for `current_user()`."""
    cursor = ClauseCursor(function.text, tokens_of(function.text))
    while not cursor.done:
        first = cursor.tokens[cursor.at]
        if not is_name(first):
            cursor.take()
            continue
        try:
            name = cursor.name()
        except UnexpectedTokenError:
            continue
        stop = cursor.tokens[cursor.at - 1].end + 1
        if len(name) == 1 and name[0].upper() in CALLER:
            cursor.skip("(", ")")
            yield first.start, cursor.tokens[cursor.at - 1].end + 1, text_literal(user)
        elif cursor.sees("(") and len(name) > 1 and _full(name, function) in known:
            yield first.start, stop, temporary_name(_full(name, function))


def _full(name: tuple[str, ...], function: Function) -> str:
    return Namespace(function.catalog).table(join(name[-3:]))
