"""All files of an export."""

from __future__ import annotations

from weir.bi.connections import jdbc_url, looker_studio, pbids
from weir.bi.lookml import lookml_files
from weir.bi.tableau import data_source, publishing
from weir.bi.values import Export


def jdbc_urls(export: Export) -> tuple[str, ...]:
    """One for each schema."""
    return tuple(jdbc_url(export.warehouse, *schema) for schema in export.schemas)


def export_files(export: Export) -> dict[str, str]:
    """Path below the folder of the export -> text."""
    return {
        "jdbc.txt": "".join(f"{url}\n" for url in jdbc_urls(export)),
        **{f"looker_studio/{export.labels[s]}.json": looker_studio(export, *s) for s in export.schemas},
        **{f"looker/{name}": text for name, text in lookml_files(export)},
        **{f"tableau/{export.label(t)}.tds": data_source(export, t) for t in export.tables},
        **({"tableau/publish.sh": publishing(export, export.tableau)} if export.tableau else {}),
        **{f"powerbi/{export.labels[s]}.pbids": pbids(export.warehouse, *s) for s in export.schemas},
    }
