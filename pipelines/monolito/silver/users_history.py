"""What each user was and when: from `__START_AT` until before `__END_AT`, which is NULL for what is.

Without `updated_at`, so that a change that changes nothing makes no version.
"""

import dlt
from expectations import rules
from expectations.comments import described
from expectations.layers import properties
from expectations.privacy import masked
from expectations.schemas import USER

dlt.create_streaming_table(
    name="altrupets_silver.users_history",
    comment="Todas las versiones de todos los usuarios",
    schema=described(masked(f"{USER}, __START_AT TIMESTAMP, __END_AT TIMESTAMP", "user_id", "canton")),
    row_filter="ROW FILTER gobierno.es_actual ON (__END_AT)",
    table_properties=properties("silver", "data-engineers", zorder=("user_id",), resettable=False),
    expect_all=rules("users_history", "warn"),
    expect_all_or_drop=rules("users_history", "drop"),
)

dlt.apply_changes(
    target="altrupets_silver.users_history",
    source="users_changes",
    keys=["user_id"],
    sequence_by="updated_at",
    apply_as_deletes="operation = 'DELETE'",
    except_column_list=["operation", "updated_at"],
    stored_as_scd_type=2,
)
