"""SQL statements: each ends before it is answered, whatever the client would wait."""

from __future__ import annotations

from collections.abc import Mapping

from databricks.sdk.service import sql

from weir.workspace import commands
from weir.workspace.calls import ApiError, Call, Json, Later, Route, wrong
from weir.workspace.commands import Context
from weir.workspace.queries import Rows, rows_of
from weir.workspace.state import new_id
from weir.workspace.world import World

PATH = "/api/2.0/sql/statements"
NAMES = {"BIGINT": "LONG", "SMALLINT": "SHORT", "TINYINT": "BYTE"}


def run_text(world: World, text: str, parameters: Mapping[str, str], user: str) -> None:
    """Execute the statements of a text, one after the other.

    Raises:
        ApiError: One can't be executed; those before it were.
    """
    context = Context(user, parameters=parameters)
    for statement in commands.statements(text):
        if commands.is_query(statement):
            rows_of(world, statement, context)
            continue
        with world.state.lock:
            context = commands.execute(world, statement, context)


def execute(world: World, call: Call) -> Later:
    """Execute a statement as the caller: a query, or one that changes grants, tags, masks or functions."""
    warehouse, text = call.needs("warehouse_id"), call.needs("statement")
    world.state.find("warehouses", warehouse, f"SQL warehouse {warehouse} does not exist.")
    texts = list(commands.statements(text))
    if len(texts) != 1:
        raise wrong("A request has exactly one statement.")
    for name, supported in (("disposition", "INLINE"), ("format", "JSON_ARRAY")):
        if call.body.get(name, supported) != supported:
            raise wrong(f"This workspace answers with {name} {supported} only.", "NOT_IMPLEMENTED")
    return lambda: _executed(world, call, texts[0])


def _executed(world: World, call: Call, text: str) -> Json:
    given = {p["name"]: str(p.get("value", "")) for p in call.body.get("parameters", [])}
    names = {k: call.body[k] for k in ("catalog", "schema") if call.body.get(k)}
    context = Context(call.user, parameters=given, **names)
    key = new_id()
    try:
        if commands.is_query(text):
            result = _result(rows_of(world, text, context), call.body.get("row_limit"))
        else:
            with world.state.lock:
                commands.execute(world, text, context)
            result = _result(Rows([], []), None)
        answer: Json = {"statement_id": key, "status": {"state": "SUCCEEDED"}, **result}
    except ApiError as error:
        status = {"state": "FAILED", "error": {"error_code": "BAD_REQUEST", "message": str(error)}}
        answer = {"statement_id": key, "status": status}
    with world.state.lock:
        return world.state.put("statements", key, answer)


def _result(result: Rows, limit: int | None) -> Json:
    rows = list(result.rows)[:limit]
    columns = [
        {
            "name": name,
            "position": i,
            "type_text": text,
            "type_name": NAMES.get(text, text.partition("<")[0].partition("(")[0]),
        }
        for i, (name, text) in enumerate(result.columns)
    ]
    schema = {"column_count": len(columns), "columns": columns}
    counts = {"total_row_count": len(rows), "total_chunk_count": 1, "truncated": len(rows) < len(result.rows)}
    chunk = {"chunk_index": 0, "row_offset": 0, "row_count": len(rows)}
    return {
        "manifest": {"format": "JSON_ARRAY", "schema": schema, **counts, "chunks": [chunk]},
        "result": {**chunk, "data_array": rows},
    }


def get(world: World, call: Call) -> Json:
    """Get the result of a statement again."""
    key = call.names["id"]
    return world.state.find("statements", key, f"The statement {key} was not found.")


def chunk(world: World, call: Call) -> Json:
    """Get the rows of a statement, which are all in the first chunk."""
    if call.names["index"] != "0":
        raise wrong(f"The statement has no chunk {call.names['index']}.")
    return get(world, call).get("result", {})


def cancel(world: World, call: Call) -> None:
    """Nothing: every statement has ended."""
    get(world, call)


ROUTES = (
    Route("POST", PATH, execute, sql.StatementExecutionAPI.execute_statement, sql.StatementResponse),
    Route("GET", f"{PATH}/{{id}}", get, gives=sql.StatementResponse),
    Route("GET", f"{PATH}/{{id}}/result/chunks/{{index}}", chunk, gives=sql.ResultData),
    Route("POST", f"{PATH}/{{id}}/cancel", cancel),
)
