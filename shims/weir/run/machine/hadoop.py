"""A jar of two empty files, which hides what Hadoop would tell every job of clusters that are not here.

Spark hands Hadoop's configuration to each job that reads or writes files, and compresses it entry by entry:
1,103 entries, of which 721 are the defaults of YARN and MapReduce. An update of three small tables does so
31 times.
"""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

from weir.run.machine.cache import made_whole

HIDDEN = ("mapred-default.xml", "yarn-default.xml")
NOTHING = '<?xml version="1.0"?><configuration/>'


def no_cluster(cache: Path) -> tuple[Path, ...]:
    """The jar, for the class path before Hadoop's own; none in a cache that can't be written to.

    Args:
        cache: The cache folder, in which it is made once: a class archive fits one date of it.
    """
    folder = cache / "hadoop"
    jar = folder / "no-cluster.jar"
    try:
        if not jar.is_file():
            with made_whole(folder) as draft, ZipFile(draft / jar.name, "w") as files:
                for name in HIDDEN:
                    files.writestr(name, NOTHING)
    except OSError:
        return ()
    return (jar,)
