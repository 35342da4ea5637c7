"""`weir bi export`: what Looker, Tableau, Power BI and JDBC are told of a storage, and what is refused."""

import json
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import lkml
import pytest
from deltalake import DeltaTable, Schema

from weir.cli import main

GOLDEN = Path(__file__).parent / "golden"
BUNDLE = """\
bundle: {name: shop}
variables:
  catalog: {default: main}
  warehouse_id: {default: ""}
resources:
  pipelines:
    sales:
      catalog: ${var.catalog}
      libraries: [{glob: {include: src/**}}]
targets:
  local: {default: true}
  prod:
    workspace: {host: "https://shop.cloud.databricks.com/"}
    variables: {catalog: prod, warehouse_id: 0a1b}
"""
ORDERS = {
    "order_id": "string", "date_key": "integer", "amount": "decimal(10,2)", "items": "long", "minutes": "double",
    "paid": "boolean", "ordered_at": "timestamp", "lines": {"type": "array", "elementType": "string", "containsNull": True},
}  # fmt: skip
DATES = {"date_key": "integer", "date": "date", "year": "integer"}
COMMENTS = {"paid": 'Said by the "bank"'}
MEASURES = {"bi.measures": "amount=sum, items=sum, minutes=average, paid=average"}


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A bundle, and in its storage a star and a table that is not for BI tools."""
    (tmp_path / "databricks.yml").write_text(BUNDLE)
    table(tmp_path, "main.gold.order_facts", ORDERS, "Orders, one row each", **MEASURES)
    table(tmp_path, "main.gold.date_dimension", DATES)
    table(tmp_path, "main.silver.orders", ORDERS, quality="silver")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def table(folder, name, columns, comment=None, **properties):
    fields = [
        {
            "name": n,
            "type": t,
            "nullable": True,
            "metadata": {"comment": COMMENTS[n]} if n in COMMENTS else {},
        }
        for n, t in columns.items()
    ]
    DeltaTable.create(
        folder / ".weir" / "tables" / Path(*name.split(".")),
        Schema.from_json(json.dumps({"type": "struct", "fields": fields})),
        description=comment,
        configuration={"quality": "gold", "weir.pipeline": "sales", **properties},
        raise_if_key_not_exists=False,
    )


@pytest.fixture
def export(monkeypatch, capsys):
    """Call it in this process: its exit code and its JSON."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["weir", "bi", "export", *arguments, "--json"])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, json.loads(capsys.readouterr().out)

    return call


def test_each_tool_gets_a_file_that_it_opens(shop, export):
    code, told = export("--target", "prod", "--out", "out")

    assert (code, told) == (
        0,
        {
            "target": "prod",
            "folder": str(shop / "out"),
            "files": [
                "jdbc.txt",
                "looker_studio/gold.json",
                "looker/shop.model.lkml",
                "looker/views/date_dimension.view.lkml",
                "looker/views/order_facts.view.lkml",
                "tableau/date_dimension.tds",
                "tableau/order_facts.tds",
                "powerbi/gold.pbids",
            ],
            "jdbc": [
                "jdbc:databricks://shop.cloud.databricks.com:443/default;transportMode=http;ssl=1;AuthMech=3;"
                "httpPath=/sql/1.0/warehouses/0a1b;ConnCatalog=prod;ConnSchema=gold"
            ],
        },
    )
    written = {file.relative_to(shop / "out").as_posix() for file in (shop / "out").rglob("*.*")}
    assert written == set(told["files"])
    assert (shop / "out" / "jdbc.txt").read_text() == f"{told['jdbc'][0]}\n"


@pytest.mark.parametrize(
    "file",
    [
        "looker/shop.model.lkml",
        "looker/views/date_dimension.view.lkml",
        "looker/views/order_facts.view.lkml",
        "tableau/order_facts.tds",
        "powerbi/gold.pbids",
    ],
)
def test_the_files_are_as_they_were(shop, export, file):
    export("--target", "prod", "--out", "out")

    assert (shop / "out" / file).read_text() == (GOLDEN / Path(file).name).read_text()


def test_looker_reads_types_measures_and_the_join_of_the_star(shop, export):
    export("--target", "prod", "--out", "out")
    looker = shop / "out" / "looker"
    model = lkml.load((looker / "shop.model.lkml").read_text())
    view = lkml.load((looker / "views" / "order_facts.view.lkml").read_text())["views"][0]

    assert model["connection"] == "shop_prod"
    assert [(looker / file).exists() for file in model["includes"]] == [True, True]
    assert model["explores"] == [
        {"name": "date_dimension"},
        {
            "name": "order_facts",
            "description": "Orders, one row each",
            "joins": [
                {
                    "name": "date_dimension",
                    "type": "left_outer",
                    "relationship": "many_to_one",
                    "sql_on": "${order_facts.date_key} = ${date_dimension.date_key}",
                }
            ],
        },
    ]
    assert view["sql_table_name"] == "`prod`.`gold`.`order_facts`"
    assert {d["name"]: d["type"] for d in view["dimensions"] + view["dimension_groups"]} == {
        "order_id": "string", "date_key": "number", "amount": "number", "items": "number",
        "minutes": "number", "paid": "yesno", "ordered_at": "time",
    }  # fmt: skip
    assert {m["name"]: m["type"] for m in view["measures"]} == {
        "count": "count", "sum_amount": "sum", "sum_items": "sum", "average_minutes": "average",
        "average_paid": "average",
    }  # fmt: skip


@pytest.mark.parametrize("host", ["shop.azuredatabricks.net", "https://shop.azuredatabricks.net/?o=1"])
def test_the_host_is_taken_out_of_any_address(shop, export, host):
    bundle = BUNDLE.replace("https://shop.cloud.databricks.com/", host)
    (shop / "databricks.yml").write_text(bundle)

    _, told = export("--target", "prod")
    assert told["jdbc"][0].startswith("jdbc:databricks://shop.azuredatabricks.net:443/default;")


def test_nothing_that_is_written_holds_credentials(shop, export):
    export("--target", "prod", "--out", "out")

    texts = [file.read_text().lower() for file in (shop / "out").rglob("*.*")]
    assert not [text for text in texts for word in ("token", "pwd", "password", "uid=") if word in text]


def test_a_target_that_was_run_here_is_told_as_it_lies_there(shop, export):
    table(shop, "prod.gold.order_facts", {"order_id": "string"})
    export("--target", "prod", "--out", "out")

    tds = ET.fromstring((shop / "out" / "tableau" / "order_facts.tds").read_text())  # noqa: S314 - ours
    columns = tds.findall("column")
    assert [column.get("name") for column in columns] == ["[order_id]"]


def test_tables_of_one_name_carry_their_schema(shop, export):
    table(shop, "main.gold_old.order_facts", ORDERS)
    code, told = export("--target", "prod")

    assert (code, told["folder"]) == (0, str(shop / ".weir" / "bi" / "prod"))
    assert [file for file in told["files"] if "looker" not in file] == [
        "jdbc.txt",
        "tableau/date_dimension.tds",
        "tableau/gold_order_facts.tds",
        "tableau/gold_old_order_facts.tds",
        "powerbi/gold.pbids",
        "powerbi/gold_old.pbids",
    ]
    assert len(told["jdbc"]) == len(Path(told["folder"], "jdbc.txt").read_text().splitlines()) == 2


def test_what_is_missing_is_named(shop, export):
    def refused(*arguments):
        code, told = export(*arguments)
        return code, [(p["condition"], p["message"]) for p in told["problems"]]

    assert refused() == (
        2,
        [
            ("WORKSPACE_HOST_NOT_FOUND", "The target `local` has no `workspace.host`."),
            (
                "BUNDLE_VARIABLE_NOT_FOUND",
                "The target `local` has no value for the variable `warehouse_id`, the SQL warehouse.",
            ),
        ],
    )
    assert refused("sale", "--target", "prod") == (
        2,
        [("PIPELINE_NOT_FOUND", "The bundle has no pipeline `sale`.")],
    )
    empty = f"{shop / 'other'} holds no table of sales with the property quality = gold."
    assert refused("--target", "prod", "--storage", "other") == (
        2,
        [("TABLE_OR_VIEW_NOT_FOUND", empty)],
    )
    (shop / "databricks.yml").unlink()
    assert refused("--target", "prod")[1][0][0] == "BUNDLE_NOT_FOUND"


def test_what_no_table_declares_is_measured_by_nobody(shop, export):
    table(shop, "main.gold.days", {"day": "date", "animals": "long", "minutes": "double"})
    export("--target", "prod", "--out", "out")
    view = lkml.load((shop / "out/looker/views/days.view.lkml").read_text())["views"][0]
    assert [measure["name"] for measure in view["measures"]] == ["count"]
    tds = ET.fromstring((shop / "out/tableau/days.tds").read_text())  # noqa: S314 - ours
    assert {column.get("role") for column in tds.findall("column")} == {"dimension"}


def test_a_measure_that_is_none_is_refused(shop, export):
    table(
        shop,
        "main.gold.days",
        {"day": "date", "animals": "long"},
        **{"bi.measures": "animal=sum, day=sum, animals=max, animals"},
    )
    code, told = export("--target", "prod")
    wrong = [p["message"].split("declares ")[1] for p in told["problems"]]
    assert (code, wrong) == (
        2, [f"`{part}`, which is no measure." for part in ("animal=sum", "day=sum", "animals=max", "animals")]
    )  # fmt: skip
    assert told["problems"][0]["hint"] == "write COLUMN=sum or COLUMN=average, of animals"


def test_what_stands_before_a_colon_in_a_comment_is_the_caption(shop, export, monkeypatch):
    monkeypatch.setitem(COMMENTS, "items", "Artículos: cuántos tiene el pedido")
    table(shop, "main.gold.pedidos", ORDERS)
    export("--target", "prod", "--out", "out")
    tds = ET.fromstring((shop / "out/tableau/pedidos.tds").read_text())  # noqa: S314 - ours
    captions = {column.get("name"): column.get("caption") for column in tds.findall("column")}
    assert (captions["[items]"], captions["[date_key]"]) == ("Artículos", "Date key")
    view = lkml.load((shop / "out/looker/views/pedidos.view.lkml").read_text())["views"][0]
    assert {d["name"]: d.get("label") for d in view["dimensions"]}["items"] == "Artículos"


def test_looker_studio_is_told_what_its_connector_asks_for(shop, export):
    export("--target", "prod", "--out", "out")
    assert json.loads((shop / "out/looker_studio/gold.json").read_text()) == {
        "connector": "Databricks",
        "server_hostname": "shop.cloud.databricks.com",
        "port": 443,
        "http_path": "/sql/1.0/warehouses/0a1b",
        "catalog": "prod",
        "schema": "gold",
        "tables": ["date_dimension", "order_facts"],
    }


def test_data_sources_are_published_where_the_bundle_says(shop, export):
    place = "{tableau_server: {default: 'https://t.org'}, tableau_site: {default: shop}, tableau_project: {default: Data Analytics},"
    (shop / "databricks.yml").write_text(
        BUNDLE.replace("variables:\n", f"variables: {place}\n", 1).replace(
            '  catalog: {default: main}\n  warehouse_id: {default: ""}\n',
            '  catalog: {default: main}, warehouse_id: {default: ""}}\n',
            1,
        )
    )
    export("--target", "prod", "--out", "out")
    assert (shop / "out/tableau/publish.sh").read_text().splitlines()[3:] == [
        "tabcmd login --server https://t.org --site shop",
        "tabcmd publish date_dimension.tds --project 'Data Analytics' --overwrite",
        "tabcmd publish order_facts.tds --project 'Data Analytics' --overwrite",
    ]
