"""Users as the latest change of each has them, without those who were deleted."""

import dlt
from expectations import rules
from expectations.comments import described
from expectations.layers import properties
from expectations.privacy import masked
from expectations.schemas import USER

dlt.create_streaming_table(
    name="altrupets_silver.users",
    comment="Los usuarios como son ahora",
    schema=described(masked(f"{USER}, updated_at TIMESTAMP", "user_id", "canton")),
    table_properties=properties("silver", "data-engineers", zorder=("user_id",), resettable=False),
    expect_all=rules("users", "warn"),
    expect_all_or_drop=rules("users", "drop"),
)

dlt.apply_changes(
    target="altrupets_silver.users",
    source="users_changes",
    keys=["user_id"],
    sequence_by="updated_at",
    apply_as_deletes="operation = 'DELETE'",
    except_column_list=["operation"],
    stored_as_scd_type=1,
)
