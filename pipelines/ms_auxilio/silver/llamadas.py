"""Calls for help as they are, folded from their events; published to other services by its contract."""

import dlt
from expectations.contracts import published
from expectations.layers import properties

LLAMADAS = published("ms_auxilio_silver.llamadas")

dlt.create_streaming_table(
    name=LLAMADAS.table,
    comment=LLAMADAS.comment,
    schema=LLAMADAS.schema,
    # Other services follow its changes.
    table_properties=properties("silver", LLAMADAS.owner, zorder=("llamada_id",), resettable=False)
    | {"delta.enableChangeDataFeed": "true"},
    expect_all_or_drop=LLAMADAS.conditions("drop"),
)

dlt.apply_changes(
    target=LLAMADAS.table,
    source="llamadas_cambios",
    keys=["llamada_id"],
    sequence_by="version",
    ignore_null_updates=True,
)
