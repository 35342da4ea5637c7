"""Users as the newest row of each has them. One that stood twice would double every event of theirs."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

import dlt
from expectations import rules
from expectations.keys import unique
from expectations.schemas import USER_SCHEMA

unique("altrupets_silver.users", "user_id")


@dlt.table(
    name="altrupets_silver.users",
    comment="Users, the latest row of each",
    table_properties={"quality": "silver"},
)
@dlt.expect_all(rules("users", "warn"))
def users() -> DataFrame:
    rows = spark.read.schema(USER_SCHEMA).json(f"{spark.conf.get('altrupets.landing')}/users")
    latest = rows.groupBy("user_id").agg(F.max_by(F.struct("*"), "updated_at").alias("latest"))
    return latest.select("latest.*")
