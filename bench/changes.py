"""`python -m bench.changes`: a batch of 200 keys into a small and into a large target of AUTO CDC.

One session, warm; the sizes take turns. Prints the seconds of the flow, as the update reports them, and
the ratio of the medians.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

import pyarrow as pa
from deltalake import write_deltalake

from weir.run.machine.session import start_session
from weir.testing import PipelineUnderTest, write_sources

BATCH = 200
SOURCE = """
import dlt
dlt.create_streaming_table("target")
dlt.apply_changes(target="target", source="changes", keys=["id"], sequence_by="at", stored_as_scd_type={scd})
"""


class Target:
    """A target that was filled with as many keys."""

    def __init__(self, session: object, folder: Path, keys: int, scd: int) -> None:
        self.keys = keys
        sources = write_sources(folder / "sources", SOURCE.format(scd=scd))
        self.pipeline = PipelineUnderTest(session, folder, [sources])
        self.at = 0
        self.seconds = [self.apply(range(keys))][1:]

    def apply(self, keys: range) -> float:
        """Let one change of each key arrive and be applied; gives the flow's seconds."""
        self.at += 1
        rows = {"id": list(keys), "at": [self.at] * len(keys), "name": [f"{self.at} {k % 97}" for k in keys]}
        write_deltalake(self.pipeline.folder / "changes", pa.table(rows), mode="append")
        self.pipeline.outside["main.default.changes"] = str(self.pipeline.folder / "changes")
        return self.pipeline.update().datasets[0].seconds

    def batch(self) -> None:
        """A batch whose keys are spread over the target."""
        self.seconds.append(self.apply(range(self.at, self.keys, self.keys // BATCH)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sizes", type=int, nargs=2, default=[10_000, 1_000_000])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        # As an update has it: the session of weir.testing interprets its queries.
        session = start_session(Path(folder, "spark.log"), {}, print)
        for scd in (1, 2):
            targets = [Target(session, Path(folder, f"{scd}-{n}"), n, scd) for n in options.sizes]
            for _ in range(options.rounds):
                for target in targets:
                    target.batch()
            small, large = (statistics.median(t.seconds[1:] or t.seconds) for t in targets)
            print(f"SCD type {scd}: {small:.2f} s on {options.sizes[0]} keys, {large:.2f} s on "
                  f"{options.sizes[1]}, ratio {large / small:.2f}", flush=True)  # fmt: skip
        session.stop()


if __name__ == "__main__":
    main()
