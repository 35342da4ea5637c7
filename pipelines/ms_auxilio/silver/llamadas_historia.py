"""What each call was, from the version of an event up to that of the next."""

import dlt
from expectations.comments import described
from expectations.contracts import published
from expectations.layers import properties
from expectations.privacy import masked

LLAMADAS = published("ms_auxilio_silver.llamadas")

dlt.create_streaming_table(
    name="ms_auxilio_silver.llamadas_historia",
    comment="Todos los estados de todas las llamadas de auxilio",
    schema=described(masked(f"{LLAMADAS.schema}, __START_AT BIGINT, __END_AT BIGINT", "rescatista_id")),
    table_properties=properties("silver", LLAMADAS.owner, zorder=("llamada_id",), resettable=False),
    expect_all_or_drop=LLAMADAS.conditions("drop"),
)

dlt.apply_changes(
    target="ms_auxilio_silver.llamadas_historia",
    source="llamadas_cambios",
    keys=["llamada_id"],
    sequence_by="version",
    ignore_null_updates=True,
    stored_as_scd_type=2,
)
