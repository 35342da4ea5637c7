"""The view of rules shows those of one action, and only the broken ones, where its address says so."""

import re

import pytest

from tests.web.stories import PETS, Story


@pytest.mark.parametrize(
    ("filters", "shown"),
    [("", ["id_present", "known", "one"]), ("&action=", ["id_present", "known", "one"]),
     ("&action=drop", ["id_present"]), ("&action=fail", ["one"]), ("&only_broken=1", ["id_present"]),
     ("&action=warn&only_broken=1", [])],
)  # fmt: skip
def test_rules_are_shown_by_action_and_by_whether_they_are_broken(ask, tmp_path, filters, shown):
    Story(tmp_path, "pets", PETS).whole()
    page = ask(f"/p/pets?view=quality{filters}").text
    assert sorted(re.findall(r"<strong>(\w+)</strong> <code>", page)) == shown
    assert '<select name="action"' in page
