"""PySpark's daemon of Python workers, begun in the folder and the environment of a warm JVM's client."""

from __future__ import annotations

import json
import os

from pyspark.daemon import manager

MODULE = __name__
ORDER = "WEIR_WORKER"
OF_SPARK = ("PYSPARK", "PYTHON", "SPARK", ORDER)


def obey(order: str) -> None:
    """Become as if the client had started the process; what Spark tells workers stays."""
    told = json.loads(order)
    ours = {k: v for k, v in os.environ.items() if k.startswith(OF_SPARK)}
    os.environ.clear()
    os.environ.update({**told["environment"], **ours})
    os.chdir(told["folder"])


if __name__ == "__main__":
    if ORDER in os.environ:
        obey(os.environ[ORDER])
    manager()
