"""All files of an export."""

from __future__ import annotations

from weir.bi.connections import jdbc_url, pbids
from weir.bi.lookml import lookml_files
from weir.bi.tableau import data_source
from weir.bi.values import Export


def jdbc_urls(export: Export) -> tuple[str, ...]:
    """One for each schema."""
    return tuple(jdbc_url(export.warehouse, *schema) for schema in export.schemas)


def export_files(export: Export) -> dict[str, str]:
    """Path below the folder of the export -> text."""
    return {
        "jdbc.txt": "".join(f"{url}\n" for url in jdbc_urls(export)),
        **{f"looker/{name}": text for name, text in lookml_files(export)},
        **{f"tableau/{export.label(t)}.tds": data_source(export, t) for t in export.tables},
        **{f"powerbi/{export.labels[s]}.pbids": pbids(export.warehouse, *s) for s in export.schemas},
    }
