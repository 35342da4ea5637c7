"""One deployment of a target at a time: a file in the workspace that names who deploys.

It is the file by which the Databricks CLI locks a deployment, with its fields: the two see each other.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import psutil
from databricks.sdk.errors import InternalError, ResourceConflict
from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.service.workspace import ImportFormat

from deploy.api import READS, Api
from deploy.values import Json
from weir.model.problems import Problem, WeirError

SAME_START = 2.0  # seconds: the clock that start times are counted from is set now and then


@dataclass(slots=True)
class DeployLock:
    """The lock of a target.

    Attributes:
        path: Its file in the workspace.
        forced: Take it from whoever has it.
    """

    api: Api
    path: str
    user: str
    forced: bool = False
    _id: str = field(default_factory=lambda: str(uuid.uuid4()))
    _taken: bool = False

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold it in this block.

        Raises:
            WeirError: Somebody else deploys.
        """
        self._take()
        try:
            yield
        finally:
            self._let_go()

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Let the Databricks CLI take it in this block.

        Raises:
            WeirError: Somebody else was faster to take it afterwards.
        """
        self._let_go()
        yield
        self._take()

    def _take(self) -> None:
        self.api.client.workspace.mkdirs(str(PurePosixPath(self.path).parent))
        try:
            self._write()
        except ResourceConflict:
            holder = self._holder()
            if holder and not self.forced and not _has_ended(holder):
                raise WeirError(_locked(holder)) from None
            self._remove()
            self._take()
        except DatabricksError:
            if (self._holder() or {}).get("ID") != self._id:
                raise
        self._taken = True

    def _write(self) -> None:
        process = psutil.Process()
        now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        of_cli = {"ID": self._id, "AcquisitionTime": now, "IsForced": self.forced, "User": self.user}
        own = {"Host": socket.gethostname(), "Pid": process.pid, "Started": process.create_time()}
        content = io.BytesIO(json.dumps(of_cli | own).encode())
        self.api.client.workspace.upload(self.path, content, format=ImportFormat.RAW)

    def _holder(self) -> Json | None:
        stream = self.api.read(lambda: self.api.client.workspace.download(self.path))
        return json.loads(stream.read()) if stream else None

    def _let_go(self) -> None:
        """Remove it unless it was taken from us; a read may be late and not see it yet."""
        if not self._taken:
            return
        self._taken = False
        for _ in range(READS):
            try:
                if (self._holder() or {}).get("ID", self._id) == self._id:
                    self._remove()
            except InternalError:
                continue
            return
        self.api.say(f"{self.path} could not be removed: it is nobody's once this process has ended")

    def _remove(self) -> None:
        self.api.remove(lambda: self.api.client.workspace.delete(self.path))


def _has_ended(holder: Json) -> bool:
    """Was it a process of this machine that has ended, or been killed?"""
    if holder.get("Host") != socket.gethostname():
        return False
    try:
        process = psutil.Process(holder["Pid"])
        same = abs(process.create_time() - holder["Started"]) < SAME_START
        return not same or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _locked(holder: Json) -> Problem:
    at = f", process {holder['Pid']} on {holder['Host']}" if "Host" in holder else ""
    text = f"`{holder.get('User')}` deploys this target since {holder.get('AcquisitionTime')}{at}."
    hint = "wait for it; if it was killed, take its lock: --force-lock"
    return Problem("DEPLOYMENT_LOCKED", text, hint=hint)
