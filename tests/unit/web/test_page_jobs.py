"""What the page starts without a dialog: what would be done is told first, and a group's view is a verb's."""

import json

import pytest

from tests.killing import until
from tests.unit.web.conftest import KNOWN
from tests.web.stories import Story

OURS = {**KNOWN, "x-weir": "1"}


@pytest.fixture
def act(ask, tmp_path):
    """Does an action of a pipeline that has run; the page where it leads to, and its job once that is over."""
    Story(tmp_path, "pets").whole()

    def do(action, **values):
        answer = ask(f"/p/pets/act/{action}", headers=OURS, method="POST", body=json.dumps(values).encode())
        place = json.loads(answer.text)["next"]
        until(lambda: newest(ask)["code"] is not None, 60)
        return ask(place).text, newest(ask)

    return do


def newest(ask):
    return json.loads(ask("/jobs.json").text)["jobs"][0]


def test_old_checkpoints_are_shown_before_they_are_removed(ask, act, tmp_path):
    page, job = act("reset")
    told = ["reset", "--name", "pets", "--storage", str(tmp_path), "--dry-run"]
    assert (job["arguments"], job["code"]) == (told, 0)
    assert f'data-act="/p/pets/act/exactly" data-name="{job["id"]}"' in page
    body = json.dumps({"name": job["id"], "asks": "1"}).encode()
    answer = ask("/p/pets/act/exactly", headers=OURS, method="POST", body=body)
    command = f"weir reset --name pets --storage {tmp_path}"
    assert f"<code>{command}</code>" in json.loads(answer.text)["dialog"]


def test_what_a_job_did_is_not_offered_once_more(ask, act, tmp_path):
    _, job = act("reset")
    body = json.dumps({"name": job["id"]}).encode()
    ask("/p/pets/act/exactly", headers=OURS, method="POST", body=body)
    until(lambda: newest(ask)["code"] is not None, 60)
    done = newest(ask)
    assert done["arguments"] == ["reset", "--name", "pets", "--storage", str(tmp_path)]
    assert "/act/exactly" not in ask(f"/jobs/{done['id']}").text
    again = json.dumps({"name": done["id"]}).encode()
    assert ask("/p/pets/act/exactly", headers=OURS, method="POST", body=again).status == 404


def test_a_group_sees_what_the_verb_shows_it(act, tmp_path):
    page, job = act("as", name="main.gold.report", group="--readers", version="3")
    assert job["arguments"] == [
        "show", "main.gold.report", "--as=--readers", "--version=3", "--storage", str(tmp_path), "--json",
    ]  # fmt: skip
    assert (job["code"], "/act/exactly" in page) == (2, False)
