"""What is in force where: in threads of user code, after it has returned, in a session of several pipelines."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.pool import ThreadPool

import pytest

import dlt
from weir.define.load import load_sources
from weir.define.reading import Interruption, reader
from weir.define.registry import Registry, collecting
from weir.model.problems import DefinitionError, UnsupportedError
from weir.request import common_entries
from weir.run.code.threads import threads_of_calls


class Answers:
    """Gives its own name for whatever is read."""

    def __init__(self, name):
        self.name = name
        self.ended = False

    def read(self, name, *, stream):
        if name == "pending":
            raise Interruption
        return f"{name} of {self.name}"


@contextmanager
def in_force(answers):
    token = reader.set(answers)
    try:
        yield
    finally:
        reader.reset(token)
        answers.ended = True


def in_a_thread(function, *arguments):
    found = []
    thread = threading.Thread(target=lambda: found.append(function(*arguments)))
    thread.start()
    thread.join(60)
    return found


def test_threads_and_pools_read_as_the_call_that_gives_them_work():
    with threads_of_calls(), ThreadPoolExecutor(1) as pool:
        for name in ("first", "second"):
            with in_force(Answers(name)):
                assert in_a_thread(dlt.read, "a") == [f"a of {name}"]
                assert list(pool.map(dlt.read, ["b", "c"])) == [f"b of {name}", f"c of {name}"]
    with ThreadPoolExecutor(1) as pool, pytest.raises(DefinitionError, match="outside of a pipeline run"):
        pool.submit(dlt.read, "a").result(60)


def test_a_read_that_ends_the_call_ends_its_thread_without_a_word(capfd):
    with threads_of_calls(), in_force(Answers("first")):
        assert in_a_thread(dlt.read, "pending") == []
        with ThreadPoolExecutor(1) as pool, pytest.raises(Interruption):
            pool.submit(dlt.read, "pending").result(60)
    assert capfd.readouterr() == ("", "")


def test_a_thread_that_outlives_its_call_is_refused():
    with threads_of_calls():
        with in_force(Answers("first")):
            pool = ThreadPool(1)
        with in_force(Answers("second")), pool, pytest.raises(UnsupportedError) as refused:
            pool.apply(dlt.read, ("a",))
    (problem,) = refused.value.problems
    assert problem.message == "A thread that outlives the function that started it is not supported here."


def test_threads_of_a_source_define_and_late_ones_are_refused(tmp_path):
    (tmp_path / "p.py").write_text("""
import threading, dlt
def define():
    dlt.table(lambda: None, name="in_a_thread")
thread = threading.Thread(target=define)
thread.start()
thread.join()
""")
    with threads_of_calls(), in_force(Answers("load")):
        registry = load_sources((tmp_path / "p.py",), {})
    assert [d.name for d in registry.datasets] == ["in_a_thread"]


def test_a_thread_that_defines_when_the_sources_are_loaded_is_refused():
    go, errors = threading.Event(), []

    def late():
        go.wait(60)
        try:
            dlt.table(lambda: None, name="late")
        except DefinitionError as error:
            errors.append(error.problems[0].condition)

    with threads_of_calls(), in_force(Answers("load")), collecting(Registry()) as registry:
        thread = threading.Thread(target=late)
        thread.start()
    go.set()
    thread.join(60)
    assert (registry.datasets, errors) == ([], ["GRAPH_ELEMENT_DEFINED_OUTSIDE_OF_DECLARATIVE_PIPELINE"])


def test_nothing_is_defined_by_a_query_function_or_when_the_sources_are_loaded():
    def define():
        dlt.table(lambda: None, name="late")

    with in_force(Answers("call")), pytest.raises(DefinitionError) as found:
        define()
    assert [(p.condition, p.message) for p in found.value.problems] == [
        (
            "GRAPH_ELEMENT_DEFINED_OUTSIDE_OF_DECLARATIVE_PIPELINE",
            "A dataset or flow is defined after the sources were loaded.",
        )
    ]
    define()  # in a test of the user's own: it defines, and nobody keeps it


def test_pipelines_that_share_a_session_share_only_what_all_of_them_say():
    first = {"spark.executor.memory": "1g", "spark.sql.shuffle.partitions": "8", "a": "1"}
    second = {"spark.executor.memory": "1g", "spark.sql.shuffle.partitions": "4"}
    assert common_entries([first, second]) == {"spark.executor.memory": "1g"}
    assert common_entries([first]) == first
