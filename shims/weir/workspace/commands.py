"""The statements that change a workspace, by a small grammar; every other one is refused by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from databricks.sdk.service.catalog import Privilege
from deltalake import DeltaTable
from sqlglot.errors import TokenError

from weir.define.tokens import ClauseCursor, UnexpectedTokenError, tokens_of
from weir.model.governance import PROPERTY, FunctionCall, protection_from
from weir.workspace import grants, securables, tags
from weir.workspace.calls import Call, Json, exists, wrong
from weir.workspace.state import new_id, now
from weir.workspace.world import METASTORE, World

ON = {
    "CATALOG": "catalog", "SCHEMA": "schema", "DATABASE": "schema", "TABLE": "table", "VIEW": "table",
    "STREAMING TABLE": "table", "MATERIALIZED VIEW": "table", "FUNCTION": "function", "VOLUME": "volume",
}  # fmt: skip
QUERIES = frozenset({"SELECT", "WITH", "FROM", "VALUES", "TABLE"})
PARTS = {"catalog": 1, "schema": 2}
WORDS_MAX = 4  # how many words of a statement that is refused are repeated


@dataclass(frozen=True, slots=True)
class Context:
    """Who says a statement, and what names in it are relative to.

    Attributes:
        parameters: What `:name` stands for.
    """

    user: str
    catalog: str = "workspace"
    schema: str = "default"
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])


def statements(text: str) -> Iterator[str]:
    """The statements of a text, without the semicolons between them."""
    begin = 0
    for token in tokens_of(text):
        if token.text == ";":
            yield text[begin : token.start]
            begin = token.end + 1
    if any(tokens_of(text[begin:])):
        yield text[begin:]


def is_query(text: str) -> bool:
    """Does a statement ask for rows?"""
    tokens = [t for t in tokens_of(text) if t.text != "("]
    return bool(tokens) and tokens[0].text.upper() in QUERIES


def execute(world: World, text: str, context: Context) -> Context:
    """Execute a statement that asks for no rows, and give the context of the next one.

    Raises:
        ApiError: It is not supported, or what it names does not exist.
    """
    try:
        cursor = ClauseCursor.over(text)
        for words, command in COMMANDS.items():
            if cursor.skip(*words):
                return command(world, cursor, context) or context
    except (UnexpectedTokenError, TokenError) as error:
        raise wrong(f"[PARSE_SYNTAX_ERROR] Syntax error at or near `{error}`.", "BAD_REQUEST") from error
    first = " ".join(t.text.upper() for t in cursor.tokens[:WORDS_MAX] if re.fullmatch(r"\w+", t.text))
    known = ", ".join(dict.fromkeys(words[0] for words in COMMANDS))
    raise wrong(
        f"This workspace does not execute `{first} ...`, only queries and {known}.", "NOT_IMPLEMENTED"
    )


def _name(cursor: ClauseCursor, context: Context, parts: int = 3) -> str:
    """A name in full."""
    if cursor.skip("IDENTIFIER", "("):
        given = (_parameter(cursor, context),)
        cursor.expect(")")
    else:
        given = cursor.name()
    given = tuple(part for name in given for part in name.split("."))
    above = (context.catalog, context.schema)[: max(0, parts - len(given))]
    if len(given) + len(above) != parts:
        raise wrong(f"`{'.'.join(given)}` is no name of {parts} parts.")
    return ".".join((*above, *given)).lower()


def _parameter(cursor: ClauseCursor, context: Context) -> str:
    if not cursor.skip(":"):
        return cursor.take().text
    name = cursor.part()
    if name not in context.parameters:
        raise wrong(f"[UNBOUND_SQL_PARAMETER] Found the unbound parameter: {name}.", "BAD_REQUEST")
    return context.parameters[name]


def _use_catalog(world: World, cursor: ClauseCursor, context: Context) -> Context:
    name = _name(cursor, context, 1)
    world.state.find("catalogs", name, f"Catalog '{name}' does not exist.")
    return replace(context, catalog=name)


def _use_schema(world: World, cursor: ClauseCursor, context: Context) -> Context:
    name = _name(cursor, context, 2)
    world.state.find("schemas", name, f"Schema '{name}' does not exist.")
    catalog, _, schema = name.partition(".")
    return replace(context, catalog=catalog, schema=schema)


def _container(kind: securables.Kind, parts: int) -> Callable[[World, ClauseCursor, Context], None]:
    def create(world: World, cursor: ClauseCursor, context: Context) -> None:
        lenient = cursor.skip("IF", "NOT", "EXISTS")
        above, _, name = _name(cursor, context, parts).rpartition(".")
        body: Json = {"name": name, **({"catalog_name": above} if above else {})}
        while not cursor.done:
            key = "comment" if cursor.skip("COMMENT") else "storage_root"
            if key == "storage_root":
                cursor.expect("MANAGED", "LOCATION")
            body[key] = cursor.take().text
        full = f"{above}.{name}" if above else name
        if not (lenient and full in world.state.all(kind.plural)):
            securables.create(kind, world, Call("POST", "", context.user, body=body))

    return create


def _function(world: World, cursor: ClauseCursor, context: Context) -> None:
    lenient = cursor.skip("IF", "NOT", "EXISTS")
    name = _name(cursor, context)
    catalog, schema, own = name.split(".")
    world.state.find("schemas", f"{catalog}.{schema}", f"Schema '{catalog}.{schema}' does not exist.")
    replaces = cursor.text.upper().split("FUNCTION")[0].find("REPLACE") >= 0
    if name in world.state.all("functions") and not replaces:
        if lenient:
            return
        raise exists(f"Function '{name}' already exists.")
    begin = cursor.tokens[cursor.at].start
    words = {"comment": "", "returns": ""}
    while not cursor.done and not cursor.sees("RETURN"):
        token = cursor.take()
        if token.text.lower() in words:
            words[token.text.lower()] = cursor.take().text
    body = cursor.text[cursor.tokens[cursor.at].end + 1 :].strip() if not cursor.done else ""
    info = {
        "name": own, "catalog_name": catalog, "schema_name": schema, "full_name": name, "owner": context.user,
        "routine_body": "SQL", "routine_definition": body, "full_data_type": words["returns"].upper(),
        "comment": words["comment"], "created_at": now(), "function_id": new_id(), "metastore_id": METASTORE,
    }  # fmt: skip
    text = f"USE CATALOG `{catalog}`;\nCREATE OR REPLACE FUNCTION `{schema}`.`{own}`{cursor.text[begin:]};"
    world.state.put("functions", name, info)
    world.state.put("function_texts", name, {"text": text})


def _view(world: World, cursor: ClauseCursor, context: Context) -> None:
    """Views are kept, and not queried: what they read may lie outside of this machine."""
    name = _name(cursor, context)
    schema = name.rpartition(".")[0]
    world.state.find("schemas", schema, f"Schema '{schema}' does not exist.")
    world.state.put("views", name, {"text": cursor.text})


def _drop_function(world: World, cursor: ClauseCursor, context: Context) -> None:
    lenient = cursor.skip("IF", "EXISTS")
    name = _name(cursor, context)
    if not lenient:
        world.state.find("functions", name, f"Function '{name}' does not exist.")
    world.state.remove("functions", name)
    world.state.remove("function_texts", name)


def _grant(verb: str, before: str) -> Callable[[World, ClauseCursor, Context], None]:
    def change(world: World, cursor: ClauseCursor, context: Context) -> None:
        privileges = [_privilege(cursor)]
        while cursor.skip(","):
            privileges.append(_privilege(cursor))
        cursor.expect("ON")
        kind, name = _object(cursor, context)
        grants.known_securable(world, kind, name)
        cursor.expect(before)
        principal = cursor.take().text
        cursor.end()
        grants.change_grant(world, kind, name, {"principal": principal, verb: privileges})

    return change


def _privilege(cursor: ClauseCursor) -> str:
    words = [cursor.take().text.upper()]
    while not (cursor.sees(",") or cursor.sees("ON")):
        words.append(cursor.take().text.upper())
    name = "_".join(words)
    if name not in {p.value for p in Privilege}:
        raise wrong(f"Privilege {' '.join(words)} does not exist.")
    return name


def _object(cursor: ClauseCursor, context: Context) -> tuple[str, str]:
    """What a statement is about: its kind and its name in full."""
    kind = next((ON[w] for w in sorted(ON, key=len, reverse=True) if cursor.skip(*w.split())), "table")
    return kind, _name(cursor, context, PARTS.get(kind, 3))


def _comment(world: World, cursor: ClauseCursor, context: Context) -> None:
    if cursor.skip("COLUMN"):
        table, _, column = _name(cursor, context, 4).rpartition(".")
        cursor.expect("IS")
        _change_column(world, table, column, {"comment": cursor.take().text})
        return
    kind, name = _object(cursor, context)
    cursor.expect("IS")
    grants.known_securable(world, kind, name)
    comment = cursor.take().text
    if kind == "table":
        change_table(world, name, {"comment": comment})
    else:
        world.state.change(grants.KINDS[kind], name, comment=comment)


def change_table(world: World, name: str, fields: Json) -> None:
    """Remember what statements changed of a table, beside what the storage says."""
    known = world.state.get("table_changes", name) or {}
    world.state.put("table_changes", name, {**known, "fields": {**known.get("fields", {}), **fields}})


def _change_column(world: World, table: str, column: str, fields: Json) -> None:
    tags.known_entity(world, "columns", f"{table}.{column}")
    known = world.state.get("table_changes", table) or {}
    columns = known.get("columns", {})
    changed = {**columns, column: {**columns.get(column, {}), **fields}}
    world.state.put("table_changes", table, {**known, "columns": changed})


def _alter(world: World, cursor: ClauseCursor, context: Context) -> None:
    kind, name = _object(cursor, context)
    grants.known_securable(world, kind, name)
    if cursor.skip("ALTER", "COLUMN"):
        _alter_column(world, cursor, context, name, cursor.part())
    elif cursor.skip("SET", "ROW", "FILTER"):
        function = _name(cursor, context)
        world.state.find("functions", function, f"Function '{function}' does not exist.")
        cursor.expect("ON")
        _filter(world, name, FunctionCall(function, tuple(cursor.arguments())))
    elif cursor.skip("DROP", "ROW", "FILTER"):
        _filter(world, name, None)
    elif cursor.skip("OWNER", "TO") or cursor.skip("SET", "OWNER", "TO"):
        owner = {"owner": cursor.take().text}
        change_table(world, name, owner) if kind == "table" else world.state.change(
            grants.KINDS[kind], name, **owner
        )
    else:
        _tags(world, cursor, context, grants.KINDS[kind], name)
    cursor.end()


def _alter_column(world: World, cursor: ClauseCursor, context: Context, table: str, column: str) -> None:
    tags.known_entity(world, "columns", f"{table}.{column}")
    if cursor.skip("DROP", "MASK"):
        _mask(world, table, column, None)
    elif cursor.skip("SET", "MASK"):
        function = _name(cursor, context)
        world.state.find("functions", function, f"Function '{function}' does not exist.")
        others = cursor.arguments() if cursor.skip("USING", "COLUMNS") else ()
        _mask(world, table, column, FunctionCall(function, (f"`{column}`", *others)))
    else:
        _tags(world, cursor, context, "columns", f"{table}.{column}")


def _mask(world: World, table: str, column: str, call: FunctionCall | None) -> None:
    state = world.storage.state(table)
    if state is None:
        shown = call and {"function_name": call.function, "using_column_names": list(call.columns[1:])}
        _change_column(world, table, column, {"mask": shown})
        return
    protection = protection_from(state.properties)
    masks = {c: m for c, m in protection.masks.items() if c != column} | ({column: call} if call else {})
    text = replace(protection, masks=masks).to_text()
    DeltaTable(world.storage.table(table)).alter.set_table_properties(
        {PROPERTY: text}, raise_if_not_exists=False
    )


def _filter(world: World, table: str, call: FunctionCall | None) -> None:
    state = world.storage.state(table)
    if state is None:
        shown = call and {"function_name": call.function, "input_column_names": list(call.columns)}
        change_table(world, table, {"row_filter": shown})
        return
    text = replace(protection_from(state.properties), row_filter=call).to_text()
    DeltaTable(world.storage.table(table)).alter.set_table_properties(
        {PROPERTY: text}, raise_if_not_exists=False
    )


def _tags(world: World, cursor: ClauseCursor, context: Context, entity: str, name: str) -> None:
    removes = cursor.skip("UNSET", "TAGS")
    if not removes:
        cursor.expect("SET", "TAGS")
    cursor.expect("(")
    while not cursor.skip(")"):
        key = cursor.take().text
        value = cursor.take().text if not removes and cursor.skip("=") else ""
        place = f"{entity}/{name}/{key}"
        if removes:
            world.state.remove("tags", place)
        else:
            world.state.put("tags", place, {
                "entity_type": entity, "entity_name": name, "tag_key": key, "tag_value": value})  # fmt: skip
        cursor.skip(",")
    del context


COMMANDS: Mapping[tuple[str, ...], Callable[[World, ClauseCursor, Context], Context | None]] = {
    ("USE", "CATALOG"): _use_catalog,
    ("USE", "SCHEMA"): _use_schema,
    ("CREATE", "CATALOG"): _container(securables.CATALOG, 1),
    ("CREATE", "SCHEMA"): _container(securables.SCHEMA, 2),
    ("CREATE", "OR", "REPLACE", "FUNCTION"): _function,
    ("CREATE", "FUNCTION"): _function,
    ("CREATE", "OR", "REPLACE", "VIEW"): _view,
    ("DROP", "FUNCTION"): _drop_function,
    ("GRANT",): _grant("add", "TO"),
    ("REVOKE",): _grant("remove", "FROM"),
    ("COMMENT", "ON"): _comment,
    ("ALTER",): _alter,
}
