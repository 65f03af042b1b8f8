"""Everything known of one call when it is over, and the folder where that is kept."""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from gateway.conversation.record import AgentTurn, CallRecord
from gateway.conversation.sessions import Session
from gateway.money.bill import Bill
from gateway.providers.base import Json
from rtp.statistics import LegStatistics

MOST_WAITING = 1000
"""Call files that may wait for a slow disk; more are dropped and counted."""
_FILE = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{12}\.json")

log = structlog.get_logger()


@dataclass(slots=True)
class CallFile:
    """One call: who, when, which agent, what was said, how it sounded, why it ended.

    `arrived` and `ended` are monotonic seconds, `began` is the date. Personal data throughout.
    """

    call_id: str
    channel: str
    caller_number: str
    called: str
    profile: str
    language: str
    began: datetime
    arrived: float
    record: CallRecord = field(default_factory=CallRecord)
    conversed: float | None = None
    """When the conversation began: the zero of the record's times."""
    ended: float | None = None
    end_reason: str | None = None
    media: LegStatistics | None = None
    bill: Bill | None = None
    """What it cost."""

    @property
    def setup_seconds(self) -> float | None:
        """StasisStart to the greeting's first packet."""
        greeting = next(
            (a for a in self.record.entries if isinstance(a, AgentTurn) and a.kind == "greeting"),
            None,
        )
        if greeting is None or greeting.stages.first_heard is None or self.conversed is None:
            return None
        return self.conversed + greeting.stages.first_heard - self.arrived

    @property
    def _seconds(self) -> float | None:
        return None if self.ended is None else self.ended - self.arrived

    def to_json(self) -> Mapping[str, Json]:
        return {
            "call": self.call_id,
            "channel": self.channel,
            "caller": self.caller_number,
            "called": self.called,
            "profile": self.profile,
            "language": self.language,
            "began": self.began.isoformat(timespec="milliseconds"),
            "setup_ms": _milliseconds(self.setup_seconds),
            "conversation_began": _since(self.arrived, self.conversed),
            "seconds": _since(self.arrived, self.ended),
            "end_reason": self.end_reason,
            "conversation": self.record.to_json(),
            "media": None if self.media is None else asdict(self.media),
            "cost": None if self.bill is None else self.bill.to_json(self._seconds),
        }


@dataclass(frozen=True, slots=True)
class LeftOver:
    """A call whose gateway died: what it had in the store then."""

    session: Session

    @property
    def call_id(self) -> str:
        return self.session.call_id

    @property
    def began(self) -> datetime:
        try:
            return datetime.fromisoformat(self.session.began)
        except ValueError:
            return datetime.now(UTC)

    def to_json(self) -> Mapping[str, Json]:
        session = self.session
        return {
            "call": session.call_id,
            "caller": session.caller_number,
            "profile": session.profile,
            "language": session.language,
            "began": session.began,
            "end_reason": "gateway died",
            "standing": session.standing,
            "conversation": session.record,
        }


def _since(begin: float, end: float | None) -> float | None:
    return None if end is None else round(end - begin, 3)


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)


class Archive:
    """Writes call files into `folder`, one JSON file each, and deletes old ones.

    Without a folder nothing is kept. Never delays a call: files wait in a bounded queue.
    """

    def __init__(self, folder: Path | None, retention: timedelta) -> None:
        self.dropped = 0
        self._folder = folder
        self._retention = retention
        self._waiting: asyncio.Queue[CallFile | LeftOver] = asyncio.Queue(MOST_WAITING)

    def keep(self, file: CallFile | LeftOver) -> None:
        """Have `file` written soon. Returns at once."""
        if self._folder is None:
            return
        try:
            self._waiting.put_nowait(file)
        except asyncio.QueueFull:
            self.dropped += 1
            log.error("call_file_dropped", call=file.call_id, dropped=self.dropped)

    async def run(self) -> None:
        """Write until cancelled; what waits then is still written."""
        if self._folder is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            while True:
                await self._write(self._folder, await self._waiting.get())
        finally:
            while not self._waiting.empty():
                _write(self._folder, self._waiting.get_nowait())

    async def _write(self, folder: Path, file: CallFile | LeftOver) -> None:
        writing = asyncio.get_running_loop().run_in_executor(None, _write, folder, file)
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            # A file that a thread was about to write when we were told to stop is still written.
            await writing
            raise
        await asyncio.to_thread(_delete_older, folder, file.began - self._retention)


def _write(folder: Path, file: CallFile | LeftOver) -> None:
    """All of it or nothing: a reader never sees half a file."""
    name = f"{file.began.astimezone(UTC):%Y%m%dT%H%M%SZ}-{file.call_id}.json"
    part = folder / f".{name}.part"
    try:
        part.write_text(json.dumps(file.to_json(), ensure_ascii=False, indent=2) + "\n", "utf-8")
        part.replace(folder / name)
    except OSError as error:
        log.error("call_file_not_written", call=file.call_id, reason=error.strerror)


def _delete_older(folder: Path, oldest: datetime) -> None:
    limit = f"{oldest.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    for file in folder.iterdir():
        if _FILE.fullmatch(file.name) and file.name < limit:
            file.unlink(missing_ok=True)
