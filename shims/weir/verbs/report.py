"""`weir report`: an update as one page in a file. No Spark."""

from __future__ import annotations

from pathlib import Path

from weir.bundle.bundle import default_storage
from weir.history.logs import log_of
from weir.model.problems import Problem, WeirError
from weir.run.lake.storage import Storage
from weir.ui.output import print_json
from weir.ui.screen import console
from weir.web.pages.report import report_page
from weir.web.pages.view import SHORT, View
from weir.web.reading.read import open_log
from weir.web.states.state import UpdateState


def run_report(
    pipeline: str | None, update: str | None, output: str, language: str, storage: str | None, as_json: bool
) -> int:
    """`weir report`."""
    place = Storage(default_storage(storage))
    name, _ = log_of(pipeline, place)
    state = _update(place, name, update)
    page = report_page(state, View("", language=language))
    try:
        Path(output).write_text(page, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        text = f"{output} can't be written: {error.strerror}."
        raise WeirError(Problem("PATH_NOT_WRITABLE", text, hint="name another file with --output")) from error
    told = {"pipeline": name, "update_id": state.id, "state": str(state.status), "output": output}
    if as_json:
        print_json(told)
    else:
        console().say(f"{output}: update {state.id[:SHORT]} of {name}, {state.status}")
    return 0


def _update(place: Storage, pipeline: str, wanted: str | None) -> UpdateState:
    """The update whose id begins like this; the newest where none is named.

    Raises:
        WeirError: There is none.
    """
    log = open_log(place, pipeline)
    known = log.id_of(wanted or "") if log else None
    if log is None or known is None:
        ids = ", ".join(s.id[:SHORT] for s in log.summaries(5)) if log else ""
        text = f"Pipeline `{pipeline}` has no update{f' `{wanted}`' if wanted else ''}."
        raise WeirError(Problem("UPDATE_NOT_FOUND", text, hint=f"the last ones are: {ids or 'none yet'}"))
    return log.update(known)
