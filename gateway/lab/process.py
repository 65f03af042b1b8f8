"""A child process that cannot outlive us."""

import asyncio
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from gateway.lab.errors import LabError

STOP_SECONDS = 8.0
"""Asterisk with many calls behind it may take longer, and then has nothing more to tell."""


class Process:
    """`async with Process(...)`: started on entry; SIGTERM, then SIGKILL, on exit.

    Its output goes to the file `log`. It is in a session of its own, so that Ctrl-C reaches only
    us and we stop it in order; where we are killed, the kernel kills it (prctl(2),
    PR_SET_PDEATHSIG, by setpriv of util-linux).
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        folder: Path,
        log: Path,
        environment: Mapping[str, str] | None = None,
        stop_seconds: float = STOP_SECONDS,
    ) -> None:
        self.name = name
        self.log = log
        self._command = command
        self._folder = folder
        self._environment = environment
        self._stop_seconds = stop_seconds
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        return self._started.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def __aenter__(self) -> Self:
        setpriv = shutil.which("setpriv")
        guard = [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []
        with self.log.open("wb") as output:
            self._process = await asyncio.create_subprocess_exec(
                *guard,
                *self._command,
                cwd=self._folder,
                env=self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    async def stop(self) -> None:
        """SIGTERM, and SIGKILL where that is not enough in time. Idempotent."""
        process = self._started
        if process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(self._stop_seconds):
                await process.wait()
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """SIGKILL: as if the machine had lost it."""
        process = self._started
        if process.returncode is None:
            process.kill()
        await process.wait()

    async def wait(self) -> int:
        """The exit status (negative: the signal that ended it)."""
        return await self._started.wait()

    def check(self) -> None:
        """Raises LabError with the end of the log where the process is no longer running."""
        if not self.running:
            raise LabError(self.name, f"ended by itself: {self.last_words()}")

    def last_words(self) -> str:
        """The last lines of its output, in one line."""
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return " | ".join(line.strip() for line in lines[-3:]) or "no output"

    @property
    def _started(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._process
