"""`weir workspace`: a workspace on this machine, until Ctrl-C."""

from __future__ import annotations

from weir.bundle.bundle import default_storage
from weir.run.lake.storage import Storage
from weir.ui.output import print_json
from weir.ui.screen import console
from weir.ui.tables import rows_table
from weir.workspace.routes import support as endpoints
from weir.workspace.server import Server, folder_of
from weir.workspace.world import ADMIN, World


def run_workspace(
    port: int, groups: tuple[str, ...], support: bool, storage: str | None, as_json: bool
) -> int:
    """`weir workspace`."""
    if support:
        return _show_support(as_json=as_json)
    place = default_storage(storage)
    server = Server.of(World(Storage(place), folder_of(place)), port)
    tokens = {ADMIN: server.token_of(ADMIN, "admins")}
    tokens |= {user: server.token_of(user, group) for group in groups for user in [f"{group}@weir.local"]}
    if as_json:
        print_json({"host": server.url, "tokens": tokens})
    else:
        screen = console()
        screen.say(f"A workspace at {server.url}; tables in {place}; Ctrl-C ends it.", "bold")
        screen.print(rows_table(["user", "token"], [{"user": u, "token": t} for u, t in tokens.items()]))
    try:
        server.serve()
    finally:
        server.world.close()
    raise KeyboardInterrupt  # a signal ended it, also one that a program in the background ignores by default


def _show_support(*, as_json: bool) -> int:
    rows = [{"endpoint": endpoint, "what it does": does} for endpoint, does in endpoints()]
    if as_json:
        print_json({"endpoints": rows})
    else:
        console().print(rows_table(["endpoint", "what it does"], rows))
    return 0
