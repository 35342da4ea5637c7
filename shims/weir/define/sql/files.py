"""Functions that read files and queues, with their options as constants (§7.6, §8.4)."""

from __future__ import annotations

from weir.define.sql.literals import text_of
from weir.define.sql.scanner import TokenKind
from weir.define.sql.versions import Options, Versions
from weir.model.problems import UnsupportedError

READ_FILES, CLOUD_FILES = "read_files", "cloud_files"
DELTA = "delta"
# Functions that read queues -> the name of the format.
QUEUES = {"read_kafka": "kafka", "read_kinesis": "kinesis", "read_pubsub": "pubsub"}
_CONSTANT = "give a text, a number, TRUE, FALSE or a parameter; texts can be composed with || or concat"
_SIGNS = frozenset({"+", "-"})


class FileFunctions(Versions):
    """Reads the arguments of functions that read files and queues."""

    def file_options(self, function: str) -> dict[str, str]:
        """The options of a call, the path among them, and past it."""
        self.expect_sign("(")
        options = {"path": self._constant(f"The path of {function}")}
        if function == CLOUD_FILES:
            self._legacy(options)
        while self.skip_sign(","):
            key = self._key()
            self.expect_sign("=>")
            options[key] = self._constant(f"The value of the option `{key}`")
        self.expect_sign(")")
        return options

    def arguments(self, function: str) -> Options:
        """The named arguments of a call, and past it: those of an expression are computed later."""
        options = Options()
        self.expect_sign("(")
        while not self.skip_sign(")"):
            if options.given or options.computed:
                self.expect_sign(",")
            key = self._key()
            self.expect_sign("=>")
            self._argument(options, key, f"The value of `{key}` in {function}")
        return options

    def _argument(self, options: Options, key: str, what: str) -> None:
        start, begin = self.position, self.at
        try:
            options.given[key] = self._constant(what)
        except UnsupportedError:
            self.at = begin
            content = self.content(lambda: self.sign() == ",")
            if content.queries or content.paths or self.behind <= start:
                raise
            options.computed[key] = self.text(start)

    def _key(self) -> str:
        if self.token().kind is TokenKind.TEXT:
            return text_of(self.take().text)
        if not self.token().is_name:
            raise self.error()
        return ".".join(self.path().parts)

    def _legacy(self, options: dict[str, str]) -> None:
        """cloud_files(path, format[, map(key, value, ...)])."""
        self.expect_sign(",")
        options["cloudFiles.format"] = self._constant(f"The format of {CLOUD_FILES}")
        if not self.sees_after_comma("MAP"):
            return
        self.at += 2
        self.expect_sign("(")
        while not self.skip_sign(")"):
            key = self._constant("A key of map(...)")
            self.expect_sign(",")
            options[key] = self._constant(f"The value of the option `{key}`")
            if self.sign() != ")":
                self.expect_sign(",")

    def sees_after_comma(self, word: str) -> bool:
        """Do a comma and a call of a function come next?"""
        return self.sign() == "," and self.word(1) == word and self.sign(2) == "("

    def _constant(self, what: str) -> str:
        """A constant."""
        start, ahead = self.position, 1 if self.sign() in _SIGNS else 0
        if self.token(ahead).kind is TokenKind.NUMBER or self.word() in {"TRUE", "FALSE"}:
            self.at += ahead + 1
            value = self.text(start)
        elif self.token().kind is TokenKind.TEXT or self.sign() == ":" or self.word() == "CONCAT":
            value = self.composed(start)
        else:
            raise self.source.refused(f"{what} that is no constant", _CONSTANT, start)
        if self.sign() not in {",", ")"}:
            raise self.source.refused(f"{what} that is an expression", _CONSTANT, start)
        return value
