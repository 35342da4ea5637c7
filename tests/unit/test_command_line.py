"""Names and paths on the command line."""

import pytest

from weir.bundle.sources import SourceArguments, settings_for
from weir.model.names import Namespace
from weir.model.problems import WeirError
from weir.model.settings import Outside
from weir.run.lake.paths import delta_at, literal_glob, local_file, local_folder
from weir.verbs.arguments import request_from

ARGUMENTS = {
    "sources": ["p.py"], "name": None, "target": None, "conf": (), "storage": None, "tables": (), "maps": (),
    "streams": (),
    "remote": None, "as_json": True,
}  # fmt: skip


@pytest.fixture
def here(tmp_path, monkeypatch):
    (tmp_path / "p.py").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("given", "name", "path"),
    [
        ("raw=x", "main.default.raw", "x"),
        ("prod.Raw.orders=a=b", "prod.raw.orders", "a=b"),
        ("mi tabla=x", "main.default.`mi tabla`", "x"),
        ("main.s.mi tabla=x", "main.s.`mi tabla`", "x"),
        ("main.s.`a.b`=x", "main.s.`a.b`", "x"),
        ("`a=b`=x`y", "main.default.a=b", "x`y"),
        ("campañas=mi carpeta/100% #1", "main.default.campañas", "mi carpeta/100% #1"),
    ],
)
def test_a_table_is_given_by_any_name_and_path(here, given, name, path):
    request = request_from({**ARGUMENTS, "tables": (given,)})
    assert dict(request.outside.tables) == {name: str(here / path)}


@pytest.mark.usefixtures("here")
def test_all_that_is_no_name_is_told_at_once():
    with pytest.raises(WeirError) as refused:
        request_from({**ARGUMENTS, "tables": ("raw", "`..`=x", "a.b.c.d=x")})
    assert [(p.condition, p.message) for p in refused.value.problems] == [
        ("INVALID_ARGUMENT", "--table raw has no `=`."),
        ("INVALID_ARGUMENT", "`..` holds neither a letter nor a digit."),
        ("INVALID_ARGUMENT", "`a.b.c.d` is not a name of three parts."),
    ]


@pytest.mark.usefixtures("here")
def test_names_to_refresh_stand_between_commas():
    request = request_from({**ARGUMENTS, "refresh": "a, mi tabla,`b,c`", "full_refresh": "`a.b`"})
    assert request.selection.refresh == {"a", "mi tabla", "`b,c`"}
    assert request.selection.full_refresh == {"`a.b`"}


@pytest.mark.parametrize(
    ("path", "local"),
    [
        ("/Volumes/raw", "/x"),
        ("/Volumes/raw/a b", "/x/a b"),
        ("/Volumes/raw_backup/a", "/Volumes/raw_backup/a"),
        ("/Volumes/rawer", "/Volumes/rawer"),
        ("/Volumes/raw/eu/a", "/eu/a"),
        ("s3://bucket/a", "/b/a"),
        ("s3://buckets/a", "s3://buckets/a"),
        ("abfss://c@a/x", "/y/x"),
    ],
)
def test_a_mapped_path_ends_where_a_part_does(path, local):
    outside = Outside(
        prefixes={"/Volumes/raw": "/x", "/Volumes/raw/eu/": "/eu", "s3://bucket": "/b", "abfss://c@a/": "/y"}
    )
    assert outside.local_path(path) == local


@pytest.mark.usefixtures("here")
def test_a_mapped_folder_must_be_no_pattern():
    with pytest.raises(WeirError, match="Spark would take it for a pattern"):
        request_from({**ARGUMENTS, "maps": ("/Volumes/raw=[x]",)})


@pytest.mark.usefixtures("here")
def test_a_stream_comes_from_a_folder_or_a_topic(tmp_path):
    given = ("orders=records", "my.topic=kafka://h:9092,i:9092/t")
    streams = request_from({**ARGUMENTS, "streams": given}).outside.streams
    assert streams == {"orders": str(tmp_path / "records"), "my.topic": "kafka://h:9092,i:9092/t"}
    for wrong in ("kafka://h:9092", "kafka:h/t"):
        with pytest.raises(WeirError, match="names no broker and topic"):
            request_from({**ARGUMENTS, "streams": (f"a={wrong}",)})


def test_paths_and_how_spark_delta_and_people_write_them():
    assert str(local_file("file:/a/mi carpeta/100%20")) == "/a/mi carpeta/100%20"
    assert str(local_folder("file:///a/mi%20carpeta/%C3%B1%2520/")) == "/a/mi carpeta/ñ%20"
    assert delta_at("/a/`b`") == "delta.`/a/``b```"
    assert literal_glob("/a/[b]*{c}?\\d e") == "/a/\\[b\\]\\*\\{c\\}\\?\\\\d e"


def named(folder, *sources, storage=None):
    found = settings_for(SourceArguments(sources, storage=storage and str(storage)), folder)
    return found.name


def test_two_sources_that_share_a_storage_never_share_a_name(tmp_path):
    shared, files = tmp_path / "shared", ["a.py", "b.py", "sub/a.py", "other/sub/a.py"]
    for file in files:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    (tmp_path / "a").symlink_to(tmp_path / "sub")
    runs = [("a.py",), ("b.py",), ("a.py", "b.py"), ("sub",), ("sub/a.py",), ("other",), (".",)]
    names = [named(tmp_path, *run) for run in runs]
    assert names == ["a.py", "b.py", "a.py, b.py", "sub", "sub/a.py", "other", "."]
    assert named(tmp_path, "b.py", "./a.py", "a.py") == "a.py, b.py"
    assert named(tmp_path / "sub", "a.py", storage=shared) == "sub/a.py"
    assert named(tmp_path / "other" / "sub", "a.py", storage=shared) == "other/sub/a.py"
    assert named(tmp_path, "a.py", storage="/elsewhere/.weir") == f"{tmp_path}/a.py"
    assert named(tmp_path, "a") == "sub"
    assert settings_for(SourceArguments(("a.py",)), tmp_path).namespace == Namespace()
