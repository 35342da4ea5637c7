"""`sc`: pipelines have no SparkContext, but for the one function that notebooks on Event Hubs call."""

from __future__ import annotations

from typing import Any

from weir.model.origin import here
from weir.model.problems import unsupported
from weir.run.code.absent import Absent

NO_CONTEXT = "use `spark`: pipelines have no SparkContext, as on serverless compute"
JVM, ENCRYPT = "sc._jvm", "sc._jvm.org.apache.spark.eventhubs.EventHubsUtils.encrypt"


class Context(Absent):
    """A notebook's `sc`."""

    def __init__(self) -> None:
        super().__init__("sc", NO_CONTEXT)
        self._jvm = JavaName(JVM)


class JavaName:
    """What leads to the one function, by its name; all else is refused."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> JavaName:
        if name.startswith("__"):
            raise AttributeError(name)
        full = f"{self._name}.{name}"
        if not f"{ENCRYPT}.".startswith(f"{full}."):
            raise unsupported(full, NO_CONTEXT, here())
        return JavaName(full)

    def __call__(self, *arguments: Any) -> Any:
        """The connection string as it is: here it opens no connection.

        Raises:
            UnsupportedError: It is no function.
        """
        if self._name == ENCRYPT:
            return arguments[0]
        raise unsupported(self._name, NO_CONTEXT, here())
