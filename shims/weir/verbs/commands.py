"""Commands that take arguments from `weir.toml`, too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from weir.bundle.weir_toml import with_weir_toml


class Verb(click.Command):
    """A command whose arguments can also stand in the file."""

    def invoke(self, ctx: click.Context) -> Any:
        """Call it with what the command line and the file give."""
        ctx.params = with_weir_toml(ctx.params, Path.cwd())
        return super().invoke(ctx)


class Verbs(click.Group):
    """A group of such commands."""

    command_class = Verb
    group_class = type
