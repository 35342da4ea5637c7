"""The changes of users as they are told: late, in no order, some of them twice.

`users` and `users_history` bring them in order, by `updated_at`.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

import dlt
from expectations.schemas import USER_CHANGE_SCHEMA, whole
from pipelines.comun.sources import stream


@dlt.view(comment="Cambios de usuarios, tal como se informaron")
def users_changes() -> DataFrame:
    changes = stream("users", "user_id").select(F.expr(whole(USER_CHANGE_SCHEMA)).alias("change"))
    return changes.select("change.*")
