"""JSON lines in folders of the landing place."""

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from pipelines.comun.sources import columns, conf


def stream(feed: str, key: str) -> DataFrame:
    """The lines of all files in the feed's folder."""
    reader = SparkSession.active().readStream.format("cloudFiles").option("cloudFiles.format", "text")
    lines = reader.load(f"{conf('altrupets.landing')}/{feed}")
    return of_files(lines.withColumnRenamed("value", "raw_data"), key, "streaming")


def of_files(records: DataFrame, key: str, method: str) -> DataFrame:
    """Records of files, one a row in `raw_data`, with the columns of every source."""
    file = F.col("_metadata")
    facts = F.to_json(F.struct(file["file_size"], file["file_modification_time"]))
    owner = F.get_json_object("raw_data", f"$.{key}")
    return records.select(*columns(F.col("raw_data"), owner, facts, method=method, file=file["file_path"]))
