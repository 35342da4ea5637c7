"""The quality rules as data, and the one helper that pipelines read them with.

    @dlt.expect_all_or_drop(rules("events_parsed", "drop"))

A rule's tag is the dataset that it stands on. A condition that is NULL counts as broken.
"""

from expectations import bronze, gold, modules, services, silver
from expectations.rule import Action, Rule

RULES: tuple[Rule, ...] = (*bronze.RULES, *silver.RULES, *gold.RULES, *modules.RULES, *services.RULES)


def rules(tag: str, action: Action) -> dict[str, str]:
    """Name -> SQL condition, as `dlt.expect_all` and its kin take them."""
    chosen = [rule for rule in RULES if (rule.tag, rule.action) == (tag, action)]
    if not chosen:
        raise KeyError(f"no rule has tag {tag!r} and action {action!r}")
    return {rule.name: rule.condition for rule in chosen}
