"""What an update records of itself: lineage of tables and columns from its plans, who ran what, OpenLineage."""

from __future__ import annotations

import getpass
import json
import threading
from collections import defaultdict
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from deltalake import DeltaTable

from weir.cli import weir
from weir.model.results import State
from weir.model.settings import Selection
from weir.testing import PipelineUnderTest

SOURCES = """
import dlt
from pyspark.sql import functions as F, Window

@dlt.table
def bronce():
    return spark.readStream.table("llegadas")

@dlt.view
def vista():
    return dlt.read("bronce").withColumn("doble", F.col("edad") * 2)

@dlt.table
def proyeccion():
    return dlt.read("vista").select("id", F.col("doble").alias("d"), F.lit(1).alias("uno"))

@dlt.table
def filtro():
    return dlt.read("bronce").where("edad > 3").select("nombre")

@dlt.table
def union_():
    b = dlt.read("bronce")
    return b.select("nombre").union(b.selectExpr("upper(ciudad)"))

@dlt.table
def agregado():
    return dlt.read("bronce").groupBy("ciudad").agg(F.sum("edad").alias("suma"), F.count("*").alias("n"))

@dlt.table
def cubo():
    return dlt.read("bronce").cube("ciudad").agg(F.max("edad").alias("mayor"))

@dlt.table
def ventana():
    w = Window.partitionBy("ciudad").orderBy("edad")
    return dlt.read("bronce").select("id", F.row_number().over(w).alias("puesto"), F.sum("edad").over(w).alias("s"))

@dlt.table
def explota():
    return dlt.read("bronce").select("id", F.explode(F.split("nombre", "")).alias("letra"))

@dlt.table
def junta():
    a, b = dlt.read("bronce"), dlt.read("agregado")
    return a.join(b, "ciudad").select("ciudad", "nombre", "suma")

@dlt.table
def semi():
    a, b = dlt.read("bronce"), dlt.read("agregado")
    return a.join(b, "ciudad", "left_semi").select("id", "ciudad")

@dlt.table
def menos():
    b = dlt.read("bronce")
    return b.select("id").exceptAll(b.select("edad"))

@dlt.table
def sql():
    return spark.sql('''
      WITH c AS (SELECT id, edad FROM bronce)
      SELECT c.id, (SELECT max(b.edad) FROM bronce b WHERE b.id = c.id) AS mayor,
             EXISTS (SELECT 1 FROM agregado a WHERE a.suma = c.edad) AS hay, d.edad AS otra
      FROM c JOIN c d ON c.id = d.id''')

@dlt.table
def lateral_():
    return spark.sql('''SELECT b.id, x.s FROM bronce b, LATERAL
      (SELECT b.edad + a.suma AS s FROM agregado a WHERE a.ciudad = b.ciudad) x''')

@dlt.table
def pivote():
    return dlt.read("bronce").groupBy("ciudad").pivot("edad", [1, 2]).agg(F.first("nombre"))

@dlt.table
def en_python():
    return dlt.read("bronce").select("id", "nombre").mapInPandas(lambda b: b, "id long, nombre string")

@dlt.table
def archivo():
    return spark.read.schema("v string").json(spark.conf.get("prueba.archivo"))

dlt.create_streaming_table("cambios")
dlt.apply_changes("cambios", "bronce", keys=["id"], sequence_by="edad", except_column_list=["ciudad"])
"""

SAME, CHANGED, SUMMED = "IDENTITY", "TRANSFORMATION", "AGGREGATION"
EXPECTED = {
    "bronce": {c: {f"llegadas.{c}": SAME} for c in ("id", "nombre", "ciudad", "edad")},
    "proyeccion": {"id": {"bronce.id": SAME}, "d": {"bronce.edad": CHANGED}},
    "filtro": {"nombre": {"bronce.nombre": SAME}},
    "union_": {"nombre": {"bronce.nombre": SAME, "bronce.ciudad": CHANGED}},
    "agregado": {"ciudad": {"bronce.ciudad": SAME}, "suma": {"bronce.edad": SUMMED}},
    "cubo": {"ciudad": {"bronce.ciudad": SAME}, "mayor": {"bronce.edad": SUMMED}},
    "ventana": {"id": {"bronce.id": SAME}, "s": {"bronce.edad": SUMMED}},
    "explota": {"id": {"bronce.id": SAME}, "letra": {"bronce.nombre": CHANGED}},
    "junta": {"ciudad": {"bronce.ciudad": SAME}, "nombre": {"bronce.nombre": SAME}, "suma": {"agregado.suma": SAME}},
    "semi": {"id": {"bronce.id": SAME}, "ciudad": {"bronce.ciudad": SAME}},
    "menos": {"id": {"bronce.id": SAME}},
    "sql": {
        "id": {"bronce.id": SAME},
        "mayor": {"bronce.edad": SUMMED},
        "hay": {"bronce.edad": CHANGED},
        "otra": {"bronce.edad": SAME},
    },
    "lateral_": {"id": {"bronce.id": SAME}, "s": {"bronce.edad": CHANGED, "agregado.suma": CHANGED}},
    "pivote": {"ciudad": {"bronce.ciudad": SAME}, "1": {"bronce.edad": SUMMED, "bronce.nombre": SUMMED}, "2": {"bronce.edad": SUMMED, "bronce.nombre": SUMMED}},
    "en_python": {c: {"bronce.id": CHANGED, "bronce.nombre": CHANGED} for c in ("id", "nombre")},
    "archivo": {"v": {"archivo.v": SAME}},
    "cambios": {c: {f"bronce.{c}": SAME} for c in ("id", "nombre", "edad")},
}  # fmt: skip
READS = {
    "bronce": {"llegadas": "APPEND"},
    "archivo": {"archivo": "MATERIALIZED_VIEW"},
    "cambios": {"bronce": "CHANGE"},
    "junta": {"bronce": "MATERIALIZED_VIEW", "agregado": "MATERIALIZED_VIEW"},
    "semi": {"bronce": "MATERIALIZED_VIEW", "agregado": "MATERIALIZED_VIEW"},
    "sql": {"bronce": "MATERIALIZED_VIEW", "agregado": "MATERIALIZED_VIEW"},
    "lateral_": {"bronce": "MATERIALIZED_VIEW", "agregado": "MATERIALIZED_VIEW"},
}
PEOPLE = [
    {"id": 1, "nombre": "Luna", "ciudad": "Heredia", "edad": 2},
    {"id": 2, "nombre": "Max", "ciudad": "Limón", "edad": 5},
]


def short(name: str) -> str:
    return name.rsplit("/", 1)[-1].removeprefix("main.default.").removesuffix(".json")


def system(pipeline: PipelineUnderTest, table: str) -> list[dict]:
    return DeltaTable(pipeline.settings.storage / "tables/main/system" / table).to_pyarrow_table().to_pylist()


@pytest.fixture
def ran(pipeline, tmp_path) -> PipelineUnderTest:
    file = tmp_path / "archivo.json"
    file.write_text('{"v": "x"}')
    lineage = str(tmp_path / "lineage.jsonl")
    local = pipeline(SOURCES, configuration={"prueba.archivo": str(file), "weir.openlineage": lineage})
    local.feed("llegadas", PEOPLE)
    assert local.update().state is State.COMPLETED
    return local


@pytest.mark.parity(
    "differs",
    "11.1",
    "system.access.table_lineage, column_lineage and audit of the workspace",
    "`system.data_lineage`, `column_lineage` and `audit_log` in the pipeline's catalog, filled by every update; "
    "columns in process only: over Spark Connect there is no plan to read",
)
def test_an_update_records_what_its_plans_say(ran, tmp_path, capsys):
    columns: dict = defaultdict(lambda: defaultdict(dict))
    for row in system(ran, "column_lineage"):
        source = f"{short(row['source_table'])}.{row['source_column']}"
        columns[short(row["target_table"])][row["target_column"]][source] = row["transformation_logic"]
    assert {table: {c: dict(o) for c, o in found.items()} for table, found in columns.items()} == EXPECTED

    tables: dict = defaultdict(dict)
    for row in system(ran, "data_lineage"):
        tables[short(row["target_table"])][short(row["source_table"])] = row["transformation_logic"]
    assert tables == {t: READS.get(t, {"bronce": "MATERIALIZED_VIEW"}) for t in EXPECTED}

    [audit] = system(ran, "audit_log")
    assert {short(v["table"]): v["version"] for v in audit["versions_read"]} == {
        "llegadas": 0, "bronce": 1, "agregado": 1, "archivo": None,
    }  # fmt: skip
    assert {short(v["table"]): v["version"] for v in audit["versions_written"]} == dict.fromkeys(EXPECTED, 1)
    assert (audit["user"], audit["action"], audit["state"]) == (getpass.getuser(), "REFRESH", "COMPLETED")
    assert audit["started_at"] < audit["ended_at"]

    told = [json.loads(line) for line in (tmp_path / "lineage.jsonl").read_text().splitlines()]
    assert len(told) == 2 * len(EXPECTED)
    done = {short(e["outputs"][0]["name"]): e for e in told if e["eventType"] == "COMPLETE"}
    facet = done["agregado"]["outputs"][0]["facets"]["columnLineage"]["fields"]
    assert facet["suma"]["inputFields"] == [
        {
            "namespace": ran.settings.storage.as_uri(),
            "name": "main.default.bronce",
            "field": "edad",
            "transformations": [{"type": "DIRECT", "subtype": "AGGREGATION"}],
        }
    ]
    assert [i["name"] for i in done["junta"]["inputs"]] == ["main.default.agregado", "main.default.bronce"]

    assert lineage_of("junta.suma", ran, capsys) == [
        "main.default.junta.suma made of",
        "└── main.default.agregado.suma (identity)",
        "    └── main.default.bronce.edad (aggregation)",
        "        └── main.default.llegadas.edad (identity)",
        "main.default.junta.suma goes into",
        "└── nothing that is recorded",
    ]
    assert lineage_of("Agregado", ran, capsys)[-4:] == [
        "├── main.default.junta (materialized view)",
        "├── main.default.lateral_ (materialized view)",
        "├── main.default.semi (materialized view)",
        "└── main.default.sql (materialized view)",
    ]


def lineage_of(name: str, ran: PipelineUnderTest, capsys) -> list[str]:
    with pytest.raises(SystemExit) as ended:
        weir(["lineage", name, "--storage", str(ran.settings.storage)], standalone_mode=False)
    assert ended.value.code == 0
    return capsys.readouterr().out.splitlines()


STREAM = """
import dlt
@dlt.table
def bronce():
    return spark.readStream.table("llegadas")
@dlt.table
@dlt.expect_or_fail("known", "edad < 10")
def oro():
    return spark.read.table("bronce")
"""


@pytest.mark.long("spark/test_lineage.py::test_an_update_records_what_its_plans_say")
def test_the_audit_tells_versions_update_by_update_also_of_what_failed(pipeline):
    local = pipeline(STREAM)
    local.feed("llegadas", PEOPLE)
    local.update()
    local.update()
    local.feed("llegadas", [{**PEOPLE[0], "edad": 11}])
    local.update()
    local.update(Selection(full_refresh_all=True))
    told = sorted(system(local, "audit_log"), key=lambda row: row["started_at"])
    assert [(r["action"], r["state"]) for r in told] == [
        ("REFRESH", "COMPLETED"), ("REFRESH", "COMPLETED"), ("REFRESH", "FAILED"), ("FULL_REFRESH", "FAILED"),
    ]  # fmt: skip
    assert [versions(r["versions_read"]) for r in told] == [
        {"llegadas": 0, "bronce": 1}, {"llegadas": None}, {"llegadas": 1, "bronce": 2}, {"llegadas": 1, "bronce": 4},
    ]  # fmt: skip
    assert [versions(r["versions_written"]) for r in told] == [
        {"bronce": 1, "oro": 1}, {}, {"bronce": 2}, {"bronce": 4},
    ]  # fmt: skip
    jobs = [r["job_id"] for r in told]
    assert {(jobs.index(r["job_id"]), short(r["target_table"])) for r in system(local, "data_lineage")} == {
        (0, "bronce"), (0, "oro"), (1, "bronce"), (2, "bronce"), (3, "bronce"),
    }  # fmt: skip


def versions(found: list[dict]) -> dict[str, int]:
    return {short(v["table"]): v["version"] for v in found}


@pytest.fixture
def endpoint() -> Iterator[tuple[str, list[dict]]]:
    told: list[dict] = []

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.append({"path": self.path, "key": self.headers["Authorization"], **json.loads(body)})
            self.send_response(201)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", told
    server.shutdown()
    server.server_close()


def test_openlineage_goes_to_an_endpoint_and_a_dead_one_fails_nothing(pipeline, endpoint, monkeypatch):
    url, told = endpoint
    monkeypatch.setenv("OPENLINEAGE_API_KEY", "clave-muy-secreta")
    said: list[str] = []
    local = pipeline(STREAM, configuration={"weir.openlineage": url}, say=said.append)
    local.feed("llegadas", PEOPLE)
    assert local.update().state is State.COMPLETED
    assert [(e["path"], e["key"], e["job"]["name"], e["eventType"]) for e in told] == [
        ("/api/v1/lineage", "Bearer clave-muy-secreta", f"main.default.{flow}", state)
        for flow in ("bronce", "oro")
        for state in ("START", "COMPLETE")
    ]
    assert said == []
    local.configuration = {"weir.openlineage": "http://127.0.0.1:9"}
    assert local.update().state is State.COMPLETED
    assert said == ["OpenLineage events could not be sent: ConnectionError"]
    files = [f for f in Path(local.settings.storage).rglob("*") if f.is_file()]
    assert not [f for f in files if b"clave-muy-secreta" in f.read_bytes()]
