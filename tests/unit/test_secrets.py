"""`dbutils.secrets` where there is no secret scope."""

import pytest

from weir.model.problems import WeirError
from weir.run.code.utilities import DatabricksUtilities


@pytest.mark.parity(
    "differs",
    "1.1",
    "dbutils.secrets.get",
    "the secret is in the environment: SCOPE_KEY, in capitals, or SCOPE_KEY_FILE for a file",
)
def test_a_secret_is_in_the_environment(monkeypatch):
    monkeypatch.setenv("ALTRUPETS_SLACK_EQUIPO", "x")
    secrets = DatabricksUtilities().secrets
    assert (
        secrets.get("altrupets", "slack-equipo") == secrets.get(key="slack.equipo", scope="altrupets") == "x"
    )


def test_a_secret_may_be_in_a_file_that_the_environment_names(monkeypatch, tmp_path):
    (tmp_path / "token").write_text("x y\n")
    monkeypatch.setenv("KV_TOKEN_FILE", str(tmp_path / "token"))
    secrets = DatabricksUtilities().secrets
    assert (secrets.get("kv", "token"), secrets.getBytes("kv", "token")) == ("x y", b"x y")


def test_a_secret_that_is_not_there_is_named_and_where_to_put_it():
    with pytest.raises(WeirError) as raised:
        DatabricksUtilities().secrets.get("altrupets", "no-such")
    (problem,) = raised.value.problems
    assert (problem.condition, problem.message, problem.hint) == (
        "SECRET_NOT_FOUND",
        "Secret does not exist with scope: altrupets and key: no-such.",
        "set the environment variable ALTRUPETS_NO_SUCH",
    )
    assert problem.origin.file == __file__
