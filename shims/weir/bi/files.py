"""All files of an export."""

from __future__ import annotations

from weir.bi.connections import jdbc_url, pbids
from weir.bi.lookml import lookml_files
from weir.bi.tableau import data_source
from weir.bi.values import Export, plain


def jdbc_urls(export: Export) -> tuple[str, ...]:
    """One for each schema."""
    return tuple(jdbc_url(export.warehouse, *schema) for schema in export.schemas)


def export_files(export: Export) -> dict[str, str]:
    """Path below the folder of the export -> text."""
    names = {schema: plain(schema[1]) for schema in export.schemas}
    return {
        "jdbc.txt": "".join(f"{url}\n" for url in jdbc_urls(export)),
        **{f"looker/{name}": text for name, text in lookml_files(export)},
        **{f"tableau/{export.label(t)}.tds": data_source(export, t) for t in export.tables},
        **{f"powerbi/{n}.pbids": pbids(export.warehouse, *schema) for schema, n in names.items()},
    }
