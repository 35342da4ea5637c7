"""Declaring AUTO CDC: what is taken, and what is refused where it is written."""

import pytest

import dlt
from weir.define.registry import Registry, collecting, freeze
from weir.model.changes import Changes, Columns, Feed
from weir.model.names import Namespace
from weir.model.problems import DefinitionError, UnsupportedError


def frozen(**arguments):
    registry = Registry()
    with collecting(registry):
        dlt.create_streaming_table("t")
        dlt.create_auto_cdc_flow(
            **{"target": "t", "source": "s", "keys": ["id"], "sequence_by": "n", **arguments}
        )
    return freeze(registry, "p", Namespace(), {})


def test_a_declaration_is_a_value():
    pipeline, problems = frozen(
        name="f", stored_as_scd_type="2", apply_as_deletes="gone", except_column_list=["op"],
        track_history_except_column_list=["seen"], ignore_null_updates=True,
    )  # fmt: skip
    assert problems == ()
    assert [(f.name, f.target, f.changes) for f in pipeline.flows] == [
        (
            "main.default.f",
            "main.default.t",
            Changes(
                Feed.STREAM,
                ("id",),
                2,
                "n",
                None,
                "gone",
                None,
                Columns(but=("op",)),
                Columns(but=("seen",)),
                Columns(),
            ),
        )
    ]


@pytest.mark.parity(
    "same", "3.5", "Keys and SCD type are properties of the target, deletion vectors are on by default"
)
def test_the_target_remembers_its_keys_and_type():
    pipeline, _ = frozen(keys=["Id", "`a b`"])
    assert dict(pipeline.datasets["main.default.t"].table_properties) == {
        "delta.enableDeletionVectors": "true",
        "pipelines.autocdc.keyColumnNames": '["id", "a b"]',
        "pipelines.autocdc.scdType": "1",
    }


MISTAKES = {
    "AUTOCDC_EMPTY_KEYS": {"keys": []},
    "AUTOCDC_MISSING_SOURCE": {"source": None},
    "AUTOCDC_MISSING_SEQUENCE_BY": {"sequence_by": None},
    "AUTOCDC_BOTH_COLUMN_LIST_AND_EXCEPT_COLUMN_LIST": {"column_list": ["a"], "except_column_list": ["b"]},
    "AUTOCDC_MULTIPART_COLUMN_IDENTIFIER": {"keys": ["src.id"]},
    "AUTOCDC_NON_COLUMN_IDENTIFIER": {"keys": ["id + 1"]},
    "AUTOCDC_TRUNCATE_NOT_SUPPORTED": {"apply_as_truncates": "x", "stored_as_scd_type": 2},
    "AUTOCDC_TRACK_HISTORY_REQUIRES_SCD_TYPE_2": {"track_history_column_list": ["a"]},
    "AUTOCDC_COLUMNS_TO_UPDATE_WITH_IGNORE_NULL_UPDATES": {
        "columns_to_update": "c",
        "ignore_null_updates": True,
    },
    "NOT_EXPECTED_TYPE": {"stored_as_scd_type": 3},
}


@pytest.mark.parity(
    "same", "3.2", "Arguments that contradict each other are refused by name where they are written"
)
@pytest.mark.parametrize("condition", list(MISTAKES))
def test_mistakes(condition):
    with pytest.raises(DefinitionError) as caught:
        frozen(**MISTAKES[condition])
    found = caught.value.problems[0]
    assert (found.condition, found.origin.file.endswith("test_change_definitions.py")) == (condition, True)


@pytest.mark.parity("refused", "3.9", "SCD type bitemporal, system_sequence_by", "SCD type 2: one time axis")
@pytest.mark.parametrize("arguments", [{"stored_as_scd_type": "bitemporal"}, {"system_sequence_by": "s"}])
def test_bitemporal_is_refused(arguments):
    with pytest.raises(UnsupportedError, match="SCD type bitemporal is not supported here"):
        frozen(**arguments)


def test_both_names_are_one_function():
    assert dlt.create_auto_cdc_flow is dlt.apply_changes
    assert dlt.create_auto_cdc_from_snapshot_flow is dlt.apply_changes_from_snapshot
