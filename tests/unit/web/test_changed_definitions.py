"""The panel of a dataset tells whether it is defined otherwise now, and between which versions its update stood."""

import os
import re
from datetime import UTC, datetime

from tests.web.stories import Made, Story
from weir.model.events import flow_progress

NAME = "main.s.t"


def told(tmp_path, definition, version=None, file=None):
    """An update of one dataset, as long as it had this definition."""
    story = Story(tmp_path, "pets", (Made(NAME, definition=definition, file=file),))
    story.begin()
    story.starts(NAME)
    story.tell(flow_progress(NAME, NAME, "COMPLETED", details={"table_version": version}))
    story.ends()
    return story.id


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text.split('class="panel"')[1]))


def test_a_definition_that_a_later_update_changed_is_marked_with_the_way_to_the_difference(ask, tmp_path):
    first, same, other, back = (told(tmp_path, d) for d in ("aa", "aa", "bb", "aa"))
    for tab in ("overview", "code"):
        pages = {u: ask(f"/p/pets/u/{u[:8]}?d={NAME}&tab={tab}") for u in (first, same, other, back)}
        marks = {u: re.findall(r"Δ <a href=\"([^\"]+)\"", page.text) for u, page in pages.items()}
        assert marks == {first: [f"/p/pets/compare/{first[:8]}..{other[:8]}"],
                         same: [f"/p/pets/compare/{same[:8]}..{other[:8]}"],
                         other: [f"/p/pets/compare/{other[:8]}..{back[:8]}"], back: []}  # fmt: skip
    assert f"Update {other[:6]} defined it otherwise." in words(pages[first])


def test_a_log_without_hashes_tells_nothing_of_changes(ask, tmp_path):
    old, new = told(tmp_path, None), told(tmp_path, "aa")
    assert all("Δ" not in ask(f"/p/pets/u/{u[:8]}?d={NAME}&tab=code").text for u in (old, new))


def test_a_file_that_was_written_since_says_so(ask, tmp_path):
    source = tmp_path / "t.py"
    source.write_text("import dlt\n")
    os.utime(source, (0, datetime(2020, 1, 1, tzinfo=UTC).timestamp()))
    told(tmp_path, "aa", file=str(source))
    said = "The file was written after this update"
    assert said not in ask(f"/p/pets?d={NAME}&tab=code").text
    later = datetime.now(UTC).timestamp() + 3600
    os.utime(source, (later, later))
    assert said in ask(f"/p/pets?d={NAME}&tab=code").text


def test_the_overview_tells_the_versions_before_and_after(ask, tmp_path):
    updates = [told(tmp_path, "aa", version=v) for v in (3, 4, 4)]
    facts = [
        re.search(r"Version (.+?) Generation", words(ask(f"/p/pets/u/{u[:8]}?d={NAME}")))[1] for u in updates
    ]
    assert [f.strip() for f in facts] == ["3", "3 → 4", "4"]
