"""What is done with modules as soon as somebody has imported them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

Within = Callable[[ModuleType], AbstractContextManager[None]]


@contextmanager
def on_import(names: Collection[str], within: Within) -> Iterator[None]:
    """Enter a context for each of some modules that is there, or comes while this one lasts.

    Args:
        names: Full names of modules.
        within: Gives the context; it is left with this one.
    """
    with ExitStack() as undo:
        for name in names:
            if name in sys.modules:
                undo.enter_context(within(sys.modules[name]))
        finder = _Finder(names, lambda module: undo.enter_context(within(module)))
        sys.meta_path.insert(0, finder)
        undo.callback(sys.meta_path.remove, finder)
        yield


class _Finder(MetaPathFinder):
    def __init__(self, names: Collection[str], then: Callable[[ModuleType], None]) -> None:
        self.names = names
        self.then = then

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Where Python finds the module, if it is one of them."""
        spec = PathFinder.find_spec(fullname, path, target) if fullname in self.names else None
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, self.then)
        return spec


class _Loader(Loader):
    def __init__(self, loader: Loader, then: Callable[[ModuleType], None]) -> None:
        self.loader = loader
        self.then = then

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """As its own loader does."""
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """As its own loader does, and then what shall follow."""
        self.loader.exec_module(module)
        self.then(module)
