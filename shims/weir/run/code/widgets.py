"""`dbutils.widgets`: a value is the pipeline's configuration, else a default (specification §5.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from weir.model.names import for_shell
from weir.model.origin import here
from weir.model.problems import Problem, WeirError, closest
from weir.run.code.absent import Absent

Configuration = Callable[[str], str | None]


class Widgets(Absent):
    """The widgets of all sources, by their names."""

    def __init__(self, configuration: Configuration) -> None:
        super().__init__("dbutils.widgets")
        self._configuration = configuration
        self._defaults: dict[str, str] = {}
        self._arguments: list[Mapping[str, str]] = []

    def give(self, arguments: Mapping[str, str]) -> None:
        """Values of `%run`, which hold for the notebook that it names."""
        self._arguments.append(arguments)

    def take(self) -> None:
        """That notebook has ended."""
        self._arguments.pop()

    def take_all(self) -> None:
        """So has the file."""
        self._arguments.clear()

    def text(self, name: str, defaultValue: str = "", label: str | None = None) -> None:  # noqa: N803
        """A field."""
        del label
        self._defaults[name] = str(defaultValue)

    def dropdown(
        self, name: str, defaultValue: str, choices: Sequence[str], label: str | None = None # noqa: N803
    ) -> None:  # fmt: skip
        """A choice; the value that the configuration gives may be none of it."""
        del choices
        self.text(name, defaultValue, label)

    combobox = dropdown
    multiselect = dropdown

    def get(self, name: str) -> str:
        """The value.

        Raises:
            WeirError: Neither the configuration has one nor a source such a widget.
        """
        given = next((a[name] for a in reversed(self._arguments) if name in a), None)
        value = self._configuration(name) if given is None else given
        value = self._defaults.get(name) if value is None else value
        if value is None:
            hint = closest(name, self._defaults) or f"pass --conf {for_shell(name)}=VALUE"
            text = f"No input widget named {name} is defined."
            raise WeirError(Problem("INPUT_WIDGET_NOT_DEFINED", text, here(), hint))
        return value

    def getArgument(self, name: str, defaultValue: str | None = None) -> str:  # noqa: N802, N803
        """The value, or another default."""
        if defaultValue is not None:
            self._defaults.setdefault(name, defaultValue)
        return self.get(name)

    def getAll(self) -> dict[str, str]:  # noqa: N802
        """The values of all widgets."""
        return {name: self.get(name) for name in self._defaults}

    def remove(self, name: str) -> None:
        """Forget a widget."""
        self._defaults.pop(name, None)

    def removeAll(self) -> None:  # noqa: N802
        """Forget all widgets."""
        self._defaults.clear()
