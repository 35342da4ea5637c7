"""`dbutils`, as far as it means something without a workspace."""

from __future__ import annotations

from typing import NoReturn

from weir.model.origin import here
from weir.model.problems import unsupported
from weir.run.code.absent import Absent
from weir.run.code.filesystem import FileSystem, LocalPath
from weir.run.code.secrets import Secrets
from weir.run.code.widgets import Configuration, Widgets

IN_MODULES = "import what the other notebook defines, or %run it"
IN_CONDITIONS = "put what is conditional into an `if`"
IN_JOBS = "take values from the configuration, spark.conf.get(key): a pipeline is a task of its own"


class NotebookUtilities(Absent):
    """`dbutils.notebook`: a source of a pipeline is no notebook that others start."""

    def __init__(self) -> None:
        super().__init__("dbutils.notebook", IN_MODULES)

    def __getattr__(self, name: str) -> NoReturn:
        if name == "exit":
            raise unsupported("dbutils.notebook.exit", IN_CONDITIONS, here())
        super().__getattr__(name)


class Library(Absent):
    """`dbutils.library`: packages are the environment's."""

    def __init__(self) -> None:
        super().__init__("dbutils.library", "install packages in the environment of Weir")

    def restartPython(self) -> None:  # noqa: N802
        """Nothing: it follows `%pip`, which is passed over."""


class DatabricksUtilities(Absent):
    """`dbutils`: what is not there offline is refused by the name that was used."""

    def __init__(
        self, configuration: Configuration = lambda _: None, local_path: LocalPath = lambda path: path
    ) -> None:
        super().__init__("dbutils")
        self.secrets = Secrets()
        self.widgets = Widgets(configuration)
        self.fs = FileSystem(local_path)
        self.notebook = NotebookUtilities()
        self.library = Library()
        self.jobs = Absent("dbutils.jobs", IN_JOBS)
