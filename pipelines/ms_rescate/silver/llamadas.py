"""Calls for help as the service auxilio has them."""

import dlt
from expectations import rules
from expectations.contracts import published
from expectations.layers import properties
from expectations.privacy import masked

LLAMADAS = published("ms_auxilio_silver.llamadas")

dlt.create_streaming_table(
    name="ms_rescate_silver.llamadas",
    comment="Las llamadas de auxilio como las tiene el servicio auxilio",
    schema=masked(LLAMADAS.schema, "rescatista_id"),
    table_properties=properties("silver", "data-engineers", zorder=("llamada_id",)),
    expect_all_or_drop=rules("llamadas", "drop"),
)

dlt.apply_changes(
    target="ms_rescate_silver.llamadas",
    source="llamadas_replicadas",
    keys=["llamada_id"],
    # The version of a call stays the same where an event comes late that lies below it.
    sequence_by="_commit_version",
    apply_as_deletes="_change_type = 'delete'",
    except_column_list=["_change_type", "_commit_version", "_commit_timestamp"],
)
