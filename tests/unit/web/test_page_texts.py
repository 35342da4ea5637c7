"""The texts of the page: each in both languages with the same places to fill, none missing and none left over."""

import re
from pathlib import Path

import pytest

from weir.web.texts.phrases import PHRASES
from weir.web.texts.words import WORDS

WEB = Path(__file__).parents[3] / "shims" / "weir" / "web"
SOURCE = "".join(
    f.read_text(encoding="utf-8") for f in WEB.rglob("*.py") if f.name not in {"phrases.py", "words.py"}
)
SAID = set(re.findall(r'say\("([a-z_.]+)"', SOURCE))
MADE = tuple(
    set(re.findall(r'f"([a-z]+\.(?:[a-z]+_)?)\{', SOURCE))
)  # the beginnings of keys that are put together


@pytest.mark.parametrize("key", sorted(PHRASES))
def test_both_languages_have_the_same_places_to_fill(key):
    english, spanish = (set(re.findall(r"\{(\w+)\}", text)) for text in PHRASES[key])
    assert english == spanish


def test_every_text_that_is_said_is_there_and_every_other_one_is_said():
    assert SAID - PHRASES.keys() - WORDS.keys() == set()
    assert [k for k in PHRASES if f'"{k}"' not in SOURCE and not k.startswith(MADE)] == []
