"""`weir report`: an update as one page that needs nothing else, whatever its names hold."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.web.stories import Made, Story, failed, many
from weir.cli import weir
from weir.model.problems import WeirError
from weir.web.pages.report import report_page
from weir.web.pages.view import View
from weir.web.reading.read import open_log

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
NASTY = "main.s.`<img src=x onerror=alert(1)>`"
VOID = {"meta", "path", "rect"}


class Page(HTMLParser):
    """The elements of a page, its attributes and its texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.addresses: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"href", "src", "action"}]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def page_of(story: Story, language: str = "en") -> str:
    log = open_log(story.storage, story.pipeline)
    assert log is not None
    return report_page(log.update(story.id), View("", language=language, now=NOW))


def words(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", text, flags=re.DOTALL))


def call(*arguments: str) -> Result:
    return CliRunner().invoke(weir, ["report", *arguments], catch_exceptions=False)


def test_a_page_tells_what_failed_and_what_was_skipped_because_of_it(tmp_path: Path) -> None:
    text = words(page_of(failed(tmp_path)))
    assert "✕ failed" in text
    assert (
        "silver.pets [CAST_INVALID_INPUT] The value &#x27;mañana&#x27; can&#x27;t be cast to TIMESTAMP."
        in text
    )
    assert "gold.by_kind skipped because of silver.pets" in text
    assert "✓ completed · 600 rows" in text
    assert "silver.pets id_present id &gt; 0 drops the row" in text


def test_a_page_is_whole_has_no_scripts_and_asks_for_no_other_file(tmp_path: Path) -> None:
    text = page_of(Story(tmp_path, "pets").whole())
    page = Page(text)
    assert page.open == []
    assert page.addresses == []
    assert {"script", "link", "img", "iframe"} & set(page.tags) == set()
    assert page.tags.count("svg") == 1
    assert page.tags.count("path") == 4
    assert "url(" not in text


def test_names_and_rules_that_look_like_markup_are_text(tmp_path: Path) -> None:
    made = Made(
        NASTY, ("<b>outside</b>",), "STREAMING_TABLE", (('"><script>', "x = '</style><script>'", "DROP"),)
    )
    page = Page(page_of(Story(tmp_path, "</title><script>", (made,)).whole()))
    assert {"script", "img", "b"} & set(page.tags) == set()
    assert page.open == []
    shown = "".join(page.texts)
    for text in ("<img src=x onerror=alert(1)>", "<b>outside</b>", '"><script>', "x = '</style><script>'"):
        assert text in shown


def test_a_page_is_spanish_where_that_is_wanted(tmp_path: Path) -> None:
    text = page_of(Story(tmp_path, "pets", (Made("main.s.t", rows=49737),)).whole(), "es")
    assert '<html lang="es">' in text
    assert "✓ completada · 49.737 filas" in words(text)
    assert "Conjuntos de datos de la actualización" in words(text)


def test_many_datasets_are_drawn_by_their_schemas_and_listed_one_by_one(tmp_path: Path) -> None:
    page = Page(page_of(Story(tmp_path, "pets", many(200)).whole()))
    assert page.tags.count("tr") == 201
    assert page.tags.count("title") == 1 + 8


def test_an_update_that_failed_before_its_graph_says_so(tmp_path: Path) -> None:
    story = Story(tmp_path, "pets", ())
    story.begin()
    story.ends("FAILED")
    assert "The sources were not read to their end, so there is no graph." in words(page_of(story))


def test_the_verb_writes_the_update_that_is_named_or_the_newest(tmp_path: Path) -> None:
    old, new = failed(tmp_path), Story(tmp_path, "pets").whole()
    output = tmp_path / "page.html"
    place = ("--storage", str(tmp_path), "--output", str(output))
    assert json.loads(call(*place, "--json").stdout) == {
        "pipeline": "pets", "update_id": new.id, "state": "COMPLETED", "output": str(output),
    }  # fmt: skip
    assert f"pets: update {new.id[:6]}" in output.read_text("utf-8")
    said = call("pets", *place, "--update", old.id[:8]).stdout
    assert f"update {old.id[:6]} of pets, FAILED" in said.replace("\n", "")
    assert f"pets: update {old.id[:6]}" in output.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "condition"),
    [
        (("--update", "fff"), "UPDATE_NOT_FOUND"),
        (("birds",), "PIPELINE_NOT_FOUND"),
        ((), "PATH_NOT_WRITABLE"),
    ],
)
def test_what_cannot_be_reported_is_refused_by_name(
    arguments: tuple[str, ...], condition: str, tmp_path: Path
) -> None:
    Story(tmp_path, "pets").whole()
    output = tmp_path / "nowhere" / "page.html"
    with pytest.raises(WeirError) as raised:
        call(*arguments, "--storage", str(tmp_path), "--output", str(output))
    assert raised.value.problems[0].condition == condition
    assert not output.exists()
