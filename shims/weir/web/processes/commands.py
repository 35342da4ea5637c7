"""The same in a terminal: a line for all that the page shows or does."""

from __future__ import annotations

from weir.web.processes.jobs import command_of


def dataset_commands(source: str, name: str, only: str | None = None) -> list[str]:
    """Commands about a dataset.

    Args:
        source: The pipeline as `weir run` takes it.
        name: The dataset's full name.
        only: One of them.

    >>> dataset_commands("pets", "main.gold.t", "why")
    ['weir quality pets --why main.gold.t']
    """
    every = {
        "refresh": ("run", source, "--refresh", name),
        "plan": ("plan", source, "--refresh", name),
        "why": ("quality", source, "--why", name),
        "show": ("show", name),
        "lineage": ("lineage", name),
    }
    return [command_of(arguments) for key, arguments in every.items() if only in {None, key}]
