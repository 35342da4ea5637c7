"""The skeleton of a query: what it reads, and the names of several parts that stand in each of its scopes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Path:
    """A name of several parts in an expression: qualifiers, a column, fields.

    Attributes:
        spans: Start and end of each part in the text; all the same where IDENTIFIER(...) composes the name.
        star: `.*` follows.
        hint: It stands in a hint, where it may name a relation.
    """

    parts: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    star: bool = False
    hint: bool = False

    @property
    def composed(self) -> bool:
        """Is it composed by IDENTIFIER(...)?"""
        return len(self.spans) > 1 and self.spans[0] == self.spans[-1]


@dataclass(frozen=True, slots=True)
class Star:
    """All columns, in a list of selected ones.

    Attributes:
        qualifier: The parts of the name before it.
        end: Position after it.
        left_out: Position after the bracket behind EXCEPT; None where no column is left out.
    """

    qualifier: tuple[str, ...]
    end: int
    left_out: int | None


@dataclass(frozen=True, slots=True)
class Content:
    """What stands in expressions.

    Attributes:
        words: All that is written as a name, in lower case: no column of its result is called otherwise.
        aliases: Those behind AS.
        star: There is a `*` among them.
        stars: Those that are selected.
    """

    paths: tuple[Path, ...] = ()
    queries: tuple[Query, ...] = ()
    tables: tuple[Reference, ...] = ()
    words: frozenset[str] = frozenset()
    aliases: frozenset[str] = frozenset()
    star: bool = False
    stars: tuple[Star, ...] = ()

    def __add__(self, other: Content) -> Content:
        return Content(
            self.paths + other.paths,
            self.queries + other.queries,
            self.tables + other.tables,
            self.words | other.words,
            self.aliases | other.aliases,
            self.star or other.star,
            self.stars + other.stars,
        )


@dataclass(frozen=True, slots=True)
class Alias:
    """The name of a relation in its scope, and of its columns if they get new ones."""

    name: str
    columns: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """What stands between two positions becomes another text."""

    start: int
    end: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A table, view or common table expression by its name.

    Attributes:
        parts: Its name as written, LIVE included.
        start: Position of its first character.
        end: Position after its last.
        stream: It stands behind STREAM.
        options: Of its reader: from WITH (...), and which version or changes are read.
        computed: Options whose value is an expression of constants.
        qualifies: Columns can be qualified by its name.
        alias_at: Where an alias would stand; None where there can't be one.
        edits: What else of the text goes when a view takes its place.
        unstreamed: What makes a batch of it.
        files: It is a call of a function that reads files, with its options.
        queue: It is one of a function that reads this format of a queue.
    """

    parts: tuple[str, ...]
    start: int
    end: int
    stream: bool = False
    options: Mapping[str, str] = field(default_factory=dict[str, str])
    computed: Mapping[str, str] = field(default_factory=dict[str, str])
    qualifies: bool = True
    alias: Alias | None = None
    alias_at: int | None = None
    edits: tuple[Edit, ...] = ()
    unstreamed: tuple[Edit, ...] = ()
    files: bool = False
    queue: str | None = None


@dataclass(frozen=True, slots=True)
class FilePath:
    """A path behind the name of a format, and its place."""

    path: str
    start: int
    end: int
    alias: Alias | None = None


@dataclass(frozen=True, slots=True)
class Subquery:
    """A query in a FROM clause."""

    query: Query
    alias: Alias | None = None
    lateral: bool = False


@dataclass(frozen=True, slots=True)
class RowSource:
    """Rows of a function, of VALUES or of a LATERAL VIEW."""

    alias: Alias | None = None


@dataclass(frozen=True, slots=True)
class RelationGroup:
    """Relations that one alias hides."""

    block: Block
    alias: Alias


Source = Reference | FilePath | Subquery | RowSource | RelationGroup


@dataclass(frozen=True, slots=True)
class Block:
    """One scope: relations, and what is said of their columns.

    Attributes:
        selected: What its result is made of.
        content: All else.
    """

    sources: tuple[Source, ...] = ()
    content: Content = field(default_factory=Content)
    selected: Content = field(default_factory=Content)


@dataclass(frozen=True, slots=True)
class PipeStep:
    """What stands behind a `|>`.

    Attributes:
        alias: A new name for all that was before.
    """

    block: Block
    alias: Alias | None = None


@dataclass(frozen=True, slots=True)
class Cte:
    """A common table expression."""

    name: str
    columns: tuple[str, ...] | None
    query: Query


@dataclass(frozen=True, slots=True)
class Query:
    """A query: its common table expressions, the arms of its set operations, and what follows them.

    Attributes:
        order: ORDER BY, LIMIT and so on, over the columns of the first arm.
    """

    ctes: tuple[Cte, ...]
    recursive: bool
    arms: tuple[Block | Query, ...]
    order: Content = field(default_factory=Content)
    steps: tuple[PipeStep, ...] = ()
