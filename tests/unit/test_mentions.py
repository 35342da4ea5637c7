"""Whether a pipeline needs Kafka is known from its sources, before a JVM starts."""

import pytest

from weir.define.mentions import mentions
from weir.testing import write_sources


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"p.py": 'spark.readStream.format("kafka")'}, True),
        ({"p.py": "dlt.create_sink('s', format='Kafka')"}, True),
        ({"p.py": "import helpers\n", "helpers.py": 'FORMAT = "kafka"'}, True),
        ({"p.py": "from lib.io import topics", "lib/io.py": "import deep", "deep.py": 'x("kafka")'}, True),
        ({"p.py": "from lib import io", "lib/__init__.py": "", "lib/io.py": 'x("kafka")'}, True),
        ({"p.py": "import helpers", "helpers.py": "import p"}, False),
        ({"p.py": "x = 1", "unused.py": 'FORMAT = "kafka"'}, False),
        ({"p.py": '# kafka\n"""Not from kafka."""\nkafka = 1'}, False),
        ({"p.py": "def f(:"}, False),
        (
            {
                "p.py": "# MAGIC %sql\n# MAGIC CREATE STREAMING TABLE a AS SELECT * FROM STREAM READ_KAFKA(topics => 'a')"
            },
            True,
        ),
        ({"p.py": "spark.sql('SELECT * FROM read_kafka (x => 1)')"}, True),
        ({"p.py": "# MAGIC %run ./setup", "setup.py": "# MAGIC FORMAT = 'kafka'\nx('kafka')"}, True),
        ({"p.py": "# MAGIC %sql\n# MAGIC SELECT kafka, 'of kafka' FROM t"}, False),
        ({"p.sql": "CREATE TEMPORARY VIEW v AS SELECT * FROM read_files('/in', format => 'Kafka')"}, True),
        ({"p.py": "# MAGIC %sql\n# MAGIC SELECT * FROM read_files('/in', format => 'Kafka')"}, False),
        ({"p.py": 'spark.sql("SELECT * FROM kafka.`/in`")'}, True),
        ({"p.py": "x = 1\n# MAGIC %pip install kafka\n%"}, False),
    ],
)
def test_kafka_is_mentioned(tmp_path, files, found):
    root = write_sources(tmp_path, files)
    names = mentions(frozenset({"kafka", "avro"}), (root / next(iter(files)),), (root,))
    assert names == (frozenset({"kafka"}) if found else frozenset())
