"""What each rescue was, from the version of an event up to that of the next."""

import dlt
from expectations import rules
from expectations.comments import described
from expectations.layers import properties
from expectations.privacy import masked
from expectations.schemas import RESCUE

dlt.create_streaming_table(
    name="ms_rescate_silver.rescates_historia",
    comment="Todos los estados de todos los rescates",
    schema=described(
        masked(f"{RESCUE}, __START_AT BIGINT, __END_AT BIGINT", "rescatista_id", "adoptante_id")
    ),
    table_properties=properties("silver", "data-engineers", zorder=("rescate_id",), resettable=False),
    expect_all_or_drop=rules("rescates_historia", "drop"),
)

dlt.apply_changes(
    target="ms_rescate_silver.rescates_historia",
    source="rescates_cambios",
    keys=["rescate_id"],
    sequence_by="version",
    ignore_null_updates=True,
    stored_as_scd_type=2,
)
