"""What this service has known of each call for help, and since which change."""

import dlt
from expectations import rules
from expectations.comments import described
from expectations.contracts import published
from expectations.layers import properties
from expectations.privacy import masked

LLAMADAS = published("ms_auxilio_silver.llamadas")

dlt.create_streaming_table(
    name="ms_rescate_silver.llamadas_historia",
    comment="Lo que este servicio ha sabido de cada llamada de auxilio, y desde qué cambio",
    schema=described(masked(f"{LLAMADAS.schema}, __START_AT BIGINT, __END_AT BIGINT", "rescatista_id")),
    table_properties=properties("silver", "data-engineers", zorder=("llamada_id",), resettable=False),
    expect_all_or_drop=rules("llamadas_historia", "drop"),
)

dlt.apply_changes(
    target="ms_rescate_silver.llamadas_historia",
    source="llamadas_replicadas",
    keys=["llamada_id"],
    # The version of a call stays the same where an event comes late that lies below it.
    sequence_by="_commit_version",
    apply_as_deletes="_change_type = 'delete'",
    except_column_list=["_change_type", "_commit_version", "_commit_timestamp"],
    stored_as_scd_type=2,
)
