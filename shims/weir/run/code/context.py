"""`sc`: pipelines have no SparkContext, but for the one function that notebooks on Event Hubs call."""

from __future__ import annotations

from typing import Any

from weir.model.origin import here
from weir.model.problems import unsupported
from weir.run.code.absent import Absent

NO_CONTEXT = "use `spark`: pipelines have no SparkContext, as on serverless compute"
ENCRYPT = "org.apache.spark.eventhubs.EventHubsUtils.encrypt"


class Context(Absent):
    """A notebook's `sc`."""

    def __init__(self) -> None:
        super().__init__("sc", NO_CONTEXT)
        self._jvm = JavaName("sc._jvm")


class JavaName:
    """A package, a class or a function of the JVM, by its name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> JavaName:
        if name.startswith("__"):
            raise AttributeError(name)
        return JavaName(f"{self._name}.{name}")

    def __call__(self, *arguments: Any) -> Any:
        """The connection string as it is: here it opens no connection.

        Raises:
            UnsupportedError: It is another function.
        """
        if self._name.endswith(f"._jvm.{ENCRYPT}"):
            return arguments[0]
        raise unsupported(self._name, NO_CONTEXT, here())
