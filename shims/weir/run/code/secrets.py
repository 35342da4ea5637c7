"""`dbutils.secrets`: offline a secret is in the environment, or in a file that the environment names."""

from __future__ import annotations

import os
import re
from pathlib import Path

from weir.model.origin import here
from weir.model.problems import Problem, WeirError
from weir.run.code.absent import Absent

INSTEAD = "read a secret by its name: dbutils.secrets.get(scope, key)"


class Secrets(Absent):
    """The secrets of all scopes: `SCOPE_KEY` is one, or `SCOPE_KEY_FILE` the file that holds it."""

    def __init__(self) -> None:
        super().__init__("dbutils.secrets", INSTEAD)

    def get(self, scope: str, key: str) -> str:
        """The secret.

        Raises:
            WeirError: The environment does not hold it.
        """
        name = re.sub(r"\W", "_", f"{scope}_{key}", flags=re.ASCII).upper()
        if name in os.environ:
            return os.environ[name]
        try:
            return Path(os.environ[f"{name}_FILE"]).read_text("utf-8").rstrip("\n")
        except (KeyError, OSError) as error:
            text = f"Secret does not exist with scope: {scope} and key: {key}."
            hint = f"set the environment variable {name}"
            raise WeirError(Problem("SECRET_NOT_FOUND", text, here(), hint)) from error

    def getBytes(self, scope: str, key: str) -> bytes:  # noqa: N802
        """The secret as bytes.

        Raises:
            WeirError: The environment does not hold it.
        """
        return self.get(scope, key).encode()
