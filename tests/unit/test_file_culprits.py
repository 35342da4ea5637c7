"""Of many files that can't be read, the one because of which is named."""

from __future__ import annotations

import pytest

from weir.run.files.listing import SourceFile
from weir.run.files.mistakes import culprit

FILES = [SourceFile(f"/in/{n}.json", n, 1) for n in range(7)]


@pytest.mark.parametrize("wrong", [{0}, {6}, {3}, {2, 5}])
def test_the_first_file_that_can_not_be_read_is_the_culprit(wrong):
    bad = [FILES[n] for n in sorted(wrong)]
    assert culprit(FILES, lambda some: any(file in bad for file in some)) == bad[0]


def test_files_that_fail_only_together_have_no_culprit():
    assert culprit(FILES, lambda some: {FILES[0], FILES[6]} <= set(some)) is None
    assert culprit(FILES[:1], lambda _: True) == FILES[0]
