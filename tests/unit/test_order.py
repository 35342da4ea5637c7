"""In which order the pipelines of a bundle run."""

from __future__ import annotations

from weir.plan.order import PipelineTables, can_run, circle, next_to_run, upstream


def seen(**pipelines):
    """Pipeline -> the tables that it reads; each has one table of its name."""
    return {
        name: PipelineTables(
            frozenset({f"main.s.{name}"}), frozenset(f"main.s.{r}" for r in reads), sound=True
        )
        for name, reads in pipelines.items()
    }


def order(known):
    pending, found = tuple(known), []
    while (name := next_to_run(pending, known)) is not None:
        found.append(name)
        pending = tuple(p for p in pending if p != name)
    return found, pending


def test_each_runs_after_those_it_reads_and_else_in_the_order_of_the_bundle():
    known = seen(gold=["silver", "users"], silver=["bronze"], users=[], bronze=["elsewhere", "bronze"])
    assert order(known) == (["users", "bronze", "silver", "gold"], ())
    assert upstream("gold", known) == {"silver", "users"}


def test_one_that_reads_only_what_was_written_needs_no_look_at_the_others():
    known = seen(users=[], gold=["silver", "users"], silver=["users"])
    assert can_run("users", (), known)
    assert can_run("silver", ("users",), known)
    assert not can_run("gold", ("users",), known)
    unsound = {**known, "users": PipelineTables(frozenset(), frozenset(), sound=False)}
    assert not can_run("users", (), unsound)


def test_those_that_wait_for_each_other_are_told_with_the_tables_that_do_it():
    known = seen(a=["b"], b=["c"], c=["b"], d=[])
    assert order(known) == (["d"], ("a", "b", "c"))
    problem = circle(("a", "b", "c"), known)
    assert (problem.condition, problem.message, problem.hint) == (
        "PIPELINES_READ_EACH_OTHER",
        "Pipelines wait for each other: `b` -> `c` -> `b`.",
        "move one of these tables to another pipeline: main.s.b, main.s.c",
    )
