"""`dbutils.secrets` where there is no secret scope."""

import pytest

from weir.model.problems import WeirError
from weir.run.code.globals import DatabricksUtilities


@pytest.mark.parity(
    "differs", "1.1", "dbutils.secrets.get", "the secret is in the environment: SCOPE_KEY, in capitals"
)
def test_a_secret_is_in_the_environment(monkeypatch):
    monkeypatch.setenv("ALTRUPETS_SLACK_EQUIPO", "x")
    secrets = DatabricksUtilities().secrets
    assert (
        secrets.get("altrupets", "slack-equipo") == secrets.get(key="slack.equipo", scope="altrupets") == "x"
    )


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
