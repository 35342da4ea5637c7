"""Paths of a workspace and of cloud storage: their spellings, and the flag that says where they lie here."""

from __future__ import annotations

import pytest

from weir.model.places import canonical, in_cloud, of_workspace, prefix_to_map, without_pattern
from weir.model.problems import WeirError
from weir.model.settings import Outside
from weir.run.code.places import here_or_missing, memory_here

MAPS = Outside(
    prefixes={"/mnt/raw": "/r", "dbfs:/mnt/raw/eu": "/eu", "s3a://lake": "/l", "/dbfs/FileStore/": "/f"}
)


@pytest.mark.parity("same", "1.5", "/mnt/x, dbfs:/mnt/x and /dbfs/mnt/x are one path, s3:// and s3a:// too")
@pytest.mark.parametrize(
    ("path", "local"),
    [
        ("/mnt/raw/a", "/r/a"),
        ("dbfs:/mnt/raw/a", "/r/a"),
        ("dbfs:///mnt/raw/a/*.json", "/r/a/*.json"),
        ("/dbfs/mnt/raw", "/r"),
        ("file:/dbfs/mnt/raw/a", "/r/a"),
        ("/mnt/raw/eu/a", "/eu/a"),
        ("/dbfs/mnt/raw/european", "/r/european"),
        ("s3://lake/a", "/l/a"),
        ("s3n://lake", "/l"),
        ("s3://lakes/a", "s3://lakes/a"),
        ("dbfs:/FileStore/x.csv", "/f/x.csv"),
        ("/mnt/rawer", "/mnt/rawer"),
        ("in/a.json", "in/a.json"),
        ("file:///tmp/a", "file:///tmp/a"),
    ],
)
def test_a_prefix_is_mapped_in_each_of_its_spellings(path, local):
    assert MAPS.local_path(path) == local


@pytest.mark.parametrize(
    ("path", "flag"),
    [
        ("s3://lake/raw/*.json", "--map s3://lake=FOLDER"),
        ("S3A://lake", "--map s3://lake=FOLDER"),
        ("abfss://raw@shop.dfs.core.windows.net/in", "--map abfss://raw@shop.dfs.core.windows.net=FOLDER"),
        ("wasbs://raw@shop.blob.core.windows.net/", "--map wasbs://raw@shop.blob.core.windows.net=FOLDER"),
        ("gs://lake/in", "--map gs://lake=FOLDER"),
        ("/Volumes/main/raw/landing/in/2024", "--map /Volumes/main/raw/landing=FOLDER"),
        ("dbfs:/mnt/my raw/in", "--map '/mnt/my raw'=FOLDER"),
        ("/dbfs/mnt/raw/{a,b}/x", "--map /mnt/raw=FOLDER"),
        ("dbfs:/databricks-datasets/retail-org/customers", "--map /databricks-datasets/retail-org=FOLDER"),
        ("dbfs:/nowhere/in", "--map /nowhere=FOLDER"),
        ("/Workspace/Users/me/data.csv", "--map /Workspace/Users=FOLDER"),
    ],
)
def test_a_path_that_nothing_stands_for_names_its_flag(path, flag):
    with pytest.raises(WeirError) as found:
        here_or_missing(path, Outside())
    (problem,) = found.value.problems
    assert (problem.condition, problem.message, problem.hint, problem.origin.file) == (
        "PATH_NOT_FOUND",
        f"`{path}` is not on this machine.",
        f"pass {flag}",
        __file__,
    )


def test_what_lies_on_this_machine_needs_no_flag(tmp_path):
    assert here_or_missing(str(tmp_path), MAPS) == str(tmp_path)
    assert here_or_missing(f"dbfs:{tmp_path}/*.json", MAPS) == f"{tmp_path}/*.json"
    assert here_or_missing("data/in", MAPS) == "data/in"
    assert here_or_missing("/home/me/in", MAPS) == "/home/me/in"
    assert here_or_missing("hdfs://server/in", MAPS) == "hdfs://server/in"


def test_what_auto_loader_has_learned_is_the_flows_own_unless_its_place_is_here():
    def kept(place):
        return memory_here({"cloudFiles.schemaLocation": place, "header": True}, MAPS)

    assert kept("dbfs:/mnt/raw/schemas") == {"cloudFiles.schemaLocation": "/r/schemas", "header": True}
    assert kept("/tmp/schemas") == {"cloudFiles.schemaLocation": "/tmp/schemas", "header": True}
    assert kept("/Volumes/main/raw/schemas") == kept("s3://checkpoints/x") == {"header": True}


def test_kinds_of_paths():
    assert (in_cloud("s3://a/b"), in_cloud("/s3/a"), in_cloud("dbfs:/a")) == (True, False, False)
    assert (of_workspace("/mnt/a"), of_workspace("mnt/a"), of_workspace("dbfs:/a")) == (True, False, True)
    assert (without_pattern("/a/b*/c"), without_pattern("/*"), without_pattern("/a")) == ("/a", "/", "/a")
    assert canonical("C:/x") == "c:/x"
    assert prefix_to_map("/mnt") == "/mnt"
