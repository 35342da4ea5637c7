"""The changes of users as they are told: late, in no order, some of them twice.

`users` and `users_history` bring them in order, by `updated_at`.
"""

from pyspark.sql import DataFrame

import dlt
from expectations.schemas import USER_CHANGE_SCHEMA


@dlt.view(comment="Changes of users, as they were told")
def users_changes() -> DataFrame:
    files = spark.readStream.format("cloudFiles").option("cloudFiles.format", "json")
    return files.schema(USER_CHANGE_SCHEMA).load(f"{spark.conf.get('altrupets.landing')}/users")
