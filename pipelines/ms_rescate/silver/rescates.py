"""Rescues as they are, folded from their events."""

import dlt
from expectations import rules
from expectations.comments import described
from expectations.layers import properties
from expectations.privacy import masked
from expectations.schemas import RESCUE

dlt.create_streaming_table(
    name="ms_rescate_silver.rescates",
    comment="Los rescates como son ahora, según sus eventos",
    schema=described(masked(RESCUE, "rescatista_id", "adoptante_id")),
    table_properties=properties("silver", "data-engineers", zorder=("rescate_id",), resettable=False),
    expect_all_or_drop=rules("rescates", "drop"),
)

dlt.apply_changes(
    target="ms_rescate_silver.rescates",
    source="rescates_cambios",
    keys=["rescate_id"],
    sequence_by="version",
    ignore_null_updates=True,
)
