"""What `import *` gave on older runtimes, for whose sake sources are written as they are."""

from __future__ import annotations

from typing import Any

import pytest
from pyspark.sql import functions

from weir.run.code.modules import pipelines_modules


@pytest.mark.parity(
    "same", "1.1", "from pyspark.sql.functions import * gives the old names of functions, too"
)
def test_old_names_of_functions_come_with_all_others() -> None:
    before, old = (
        list(functions.__all__),
        {"countDistinct", "sumDistinct", "approxCountDistinct", "toDegrees"},
    )
    names: dict[str, Any] = {}
    with pipelines_modules({}):
        exec("from pyspark.sql.functions import *", names)  # noqa: S102 - as a source does
    assert old <= set(names)
    assert {name for name in names if names[name] is getattr(functions, name, None)} >= old | set(before)
    assert "chr" not in names
    assert functions.__all__ == before
