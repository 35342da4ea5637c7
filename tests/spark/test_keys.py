"""Keys that stand once and references that lead somewhere, as helpers of the lakehouse."""

from __future__ import annotations

import pytest

SOURCE = """
import dlt
from expectations.keys import references, unique

@dlt.table(name="shelter.animals", table_properties={"delta.columnMapping.mode": "name"})
def animals():
    return spark.read.table("raw_animals")

@dlt.view
def visits():
    return spark.sql("SELECT id AS `visita.nº`, animal, `day` AS `a day``s`, 'x' AS num_entries FROM raw_visits")

unique("shelter.animals", "id")
unique("visits", ["animal", "a day`s", "num_entries"])
unique("visits", "visita.nº", name="numbers")
references("visits", "animal", "shelter.animals", "id")
references("visits", ["animal", "a day`s"], "shelter.animals", ("id", "vet day"), name="by_the_vet")
"""
CHECKS = [
    "animals_unique_id", "by_the_vet", "numbers", "visits_animal_in_animals", "visits_unique_animal_a_day_s_num_entries",
]  # fmt: skip
ANIMALS = [{"id": "luna", "vet day": 1}, {"id": "sol", "vet day": 2}]
VISITS = [
    {"id": 1, "animal": "luna", "day": 1},
    {"id": 2, "animal": None, "day": 2},
    {"id": 3, "animal": "sol", "day": None},
]


@pytest.fixture
def shelter(pipeline):
    p = pipeline(SOURCE)
    p.feed("raw_animals", ANIMALS)
    p.feed("raw_visits", VISITS)
    return p


def checks(result):
    """Table of keys -> the rule that stopped it and the row that did, if one did."""
    found = {
        d.name.removeprefix("main.default."): d.error for d in result.datasets if "shelter" not in d.name
    }
    return {n: e and e.split("Violated expectations: '")[1].split(". Missing")[0] for n, e in found.items()}


def test_sound_keys_pass_and_a_null_refers_to_nothing(shelter):
    result = shelter.update()
    assert (result.state, checks(result)) == ("COMPLETED", dict.fromkeys(["visits", *CHECKS]))
    assert shelter.rows("animals_unique_id", "key['id']") == [
        {"key": {"id": "luna"}, "num_entries": 1},
        {"key": {"id": "sol"}, "num_entries": 1},
    ]
    assert shelter.rows("by_the_vet") == [{"key": {"animal": "luna", "a day`s": "1"}, "r_key": "luna"}]


def test_a_key_that_stands_twice_and_a_reference_that_leads_nowhere_stop_the_update(shelter):
    shelter.feed("raw_animals", [{"id": "luna", "vet day": 9}])
    shelter.feed("raw_visits", [{"id": 4, "animal": None, "day": 2}, {"id": 5, "animal": "gato", "day": 7}])
    result = shelter.update()
    source = "Input data: 'Input could not be determined from the violating output record.'. Output record:"
    assert (result.exit_code, checks(result)) == (
        3,
        {
            "visits": None,
            "numbers": None,
            "animals_unique_id": f"""unique_key'. {source} '{{"key": {{"id": "luna"}}, "num_entries": 2}}'""",
            "visits_unique_animal_a_day_s_num_entries": f"unique_key'. {source} "
            """'{"key": {"animal": null, "a day`s": "2", "num_entries": "x"}, "num_entries": 2}'""",
            "visits_animal_in_animals": f"""key_exists'. {source} '{{"key": {{"animal": "gato"}}, "r_key": null}}'""",
            "by_the_vet": f"""key_exists'. {source} '{{"key": {{"animal": "gato", "a day`s": "7"}}, "r_key": null}}'""",
        },
    )
    assert len(shelter.rows("shelter.animals")) == 3


def test_keys_of_different_lengths_are_refused(pipeline):
    p = pipeline("""
from expectations.keys import references
references("a", ["x", "y"], "b", "x")
""")
    assert [str(problem.message) for problem in p.problems()] == [
        "ValueError: 2 columns of a can't refer to 1 of b"
    ]
