"""Functions that read files, with their options as constants: read_files and cloud_files (§7.6)."""

from __future__ import annotations

from weir.define.sql.literals import text_of
from weir.define.sql.scanner import TokenKind
from weir.define.sql.versions import Versions

READ_FILES, CLOUD_FILES = "read_files", "cloud_files"
_CONSTANT = "give a text, a number, TRUE, FALSE or a parameter; texts can be composed with || or concat"
_SIGNS = frozenset({"+", "-"})


class FileFunctions(Versions):
    """Reads the arguments of functions that read files."""

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
