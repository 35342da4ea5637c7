"""What rules must count."""

from collections import Counter
from collections.abc import Iterable


def rule_counts(names: Iterable[str], broken: list[tuple[str, ...]]) -> dict[str, dict[str, int]]:
    """Rule -> rows that pass and fail, of rows of which each is told by the rules that it breaks."""
    failed = Counter(name for names_of_row in broken for name in names_of_row)
    return {name: {"passed": len(broken) - failed[name], "failed": failed[name]} for name in names}
