"""`python -m weir` and `python -m weir.cli` are `weir`."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["weir", "weir.cli"])
def test_the_module_is_the_command(module):
    command = [sys.executable, "-m", module, "plan", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    assert shown.startswith("Usage: weir plan [OPTIONS]")
