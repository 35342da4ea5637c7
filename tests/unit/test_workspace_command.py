"""`weir workspace`: what it lists, and that clients find it by what it prints."""

import json
import os
import signal
import subprocess
import sys

from click.testing import CliRunner
from databricks.sdk import WorkspaceClient

from tests.killing import mortal
from weir.cli import weir


def test_the_support_list_names_every_endpoint():
    shown = json.loads(CliRunner().invoke(weir, ["workspace", "--support", "--json"]).stdout)["endpoints"]
    does = {row["endpoint"]: row["what it does"] for row in shown}
    assert does["POST /api/2.0/pipelines/{pipeline_id}/updates"] == (
        "Start an update: Weir runs it on the uploaded files, or it ends as recorded."
    )


def test_clients_reach_it_by_what_it_prints_until_it_is_ended(tmp_path):
    command = [sys.executable, "-c", "from weir.cli import main; main()", "workspace", "--json"]
    options = ["--storage", str(tmp_path), "--group", "data-analysts"]
    begun = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True, env=os.environ)
    with mortal(begun) as process:
        printed = json.loads(process.stdout.readline())
        token = printed["tokens"]["data-analysts@weir.local"]
        client = WorkspaceClient(host=printed["host"], token=token, auth_type="pat")
        assert [g.display for g in client.current_user.me().groups] == ["data-analysts"]
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
