"""The text of a new weir.toml, and what hints of problems ask for."""

import tomllib

import pytest

from weir.bundle.new_toml import missing_lines, toml_text
from weir.model.needs import Need, need_in
from weir.model.origin import Origin
from weir.run.code.read_problems import missing_table

NEEDS = {
    Need("map", "/Volumes/main/shop/landing"): "src/bronze.py:12",
    Need("table", "main.reference.countries"): "src/gold.sql:4",
    Need("table", 'main.s.`mi "tabla"`'): "src/gold.sql:5",
    Need("stream", "prod/clicks.eu"): "src/bronze.py:20",
    Need("conf", "smallest order"): "src/silver.sql:2",
    Need("env", "SHOP_SALT"): "src/bronze.py:3",
}


def test_each_missing_thing_has_an_entry_with_who_needs_it():
    assert toml_text(
        {"sources": ["a.py", "b c.sql"], "name": "shop"}, NEEDS, ["x.py:1: `?.t` is missing"]
    ) == (
        "# What these sources need to run here. Paths are relative to this file; flags win over it.\n"
        'sources = ["a.py", "b c.sql"]\n'
        'name = "shop"\n'
        "\n"
        "# Values of the configuration, for spark.conf.get, widgets, ${key} and :name. Take the # away and write the value.\n"
        "[conf]\n"
        '# "smallest order" = "VALUE"  # src/silver.sql:2\n'
        "\n"
        "# Folders of this machine that stand for paths elsewhere. Put a few files there.\n"
        "[map]\n"
        '"/Volumes/main/shop/landing" = "samples/landing"  # src/bronze.py:12\n'
        "\n"
        "# Folders that stand for tables of other pipelines: Delta, JSON, CSV or Parquet.\n"
        "[table]\n"
        '"main.reference.countries" = "samples/countries"  # src/gold.sql:4\n'
        '"main.s.`mi \\"tabla\\"`" = "samples/`mi \\"tabla\\"`"  # src/gold.sql:5\n'
        "\n"
        "# Folders with records of streams, subscriptions and topics; or kafka://HOST:PORT/TOPIC.\n"
        "[stream]\n"
        '"prod/clicks.eu" = "samples/clicks.eu"  # src/bronze.py:20\n'
        "\n"
        "# Secrets are no part of this file. Set them in your shell:\n"
        "#   export SHOP_SALT=...  # src/bronze.py:3\n"
        "\n"
        "# Names that are made of missing values. When the values are set, weir validate tells them:\n"
        "#   x.py:1: `?.t` is missing\n"
    )


def test_the_file_is_toml_also_when_its_comments_are_taken_away():
    text = toml_text({"name": 'a "b"\\\x7f\n'}, NEEDS)
    values = tomllib.loads(text.replace('# "', '"').replace("# # ", "# "))
    assert values == {
        "name": 'a "b"\\\x7f\n',
        "conf": {"smallest order": "VALUE"},
        "map": {"/Volumes/main/shop/landing": "samples/landing"},
        "table": {
            "main.reference.countries": "samples/countries",
            'main.s.`mi "tabla"`': 'samples/`mi "tabla"`',
        },
        "stream": {"prod/clicks.eu": "samples/clicks.eu"},
    }


def test_where_nothing_is_missing_there_are_no_lines():
    assert missing_lines({}) == []


@pytest.mark.parametrize(
    ("hint", "need"),
    [
        (None, None),
        ("check the path", None),
        ("pass --map '/mnt/a b'=FOLDER", Need("map", "/mnt/a b")),
        ("set `a.b` in the pipeline's configuration, or weir run --conf a.b=VALUE", Need("conf", "a.b")),
        ("pass --stream 'a b'=FOLDER, or =kafka://HOST:PORT/TOPIC", Need("stream", "a b")),
        ("set the environment variable SHOP_SALT", Need("env", "SHOP_SALT")),
        ("if the files are elsewhere on this machine, pass --map PREFIX=FOLDER", None),
        (missing_table("t", "main.s.`mi tabla`", Origin("a.sql", 1), []).hint, Need("table", "main.s.`mi tabla`")),
        (missing_table("sliver", "main.default.sliver", Origin("a.sql", 1), ["main.default.silver"]).hint, None),
        (missing_table("shop.sliver", "main.shop.sliver", Origin("a.sql", 1), ["main.default.silver"]).hint, Need("table", "main.shop.sliver")),
        ("pass --map /=FOLDER", None),
        (missing_table("samples.x.y", "samples.x.y", Origin("a.sql", 1), []).hint, Need("table", "samples.x.y")),
    ],
)  # fmt: skip
def test_a_hint_says_what_is_missing(hint, need):
    assert need_in(hint) == need
    assert need is None or need.kind == "env" or need_in(f"pass {need.flag}") == need
