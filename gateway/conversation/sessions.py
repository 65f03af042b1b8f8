"""Conversations kept in the store as they change: they outlive the gateway, and callers return.

What is kept is personal data: it expires, and callers are found by a hash of their number.
"""

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

import structlog
from pydantic_core import to_json

from gateway.conversation.history import History
from gateway.conversation.masking import Mask
from gateway.errors import StoreError
from gateway.providers.base import Json, Message, Role, ToolCall
from gateway.store.base import KeepingStore

SESSION_VERSION = 2
RETRY_SECONDS = 1.2
"""Until a store that failed is asked again; longer than it then rests."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Session:
    """One conversation as it stands: what was said, and the model's private state (its slots).
    `began` is the date of the call, ISO 8601."""

    call_id: str
    caller_number: str
    profile: str
    language: str
    messages: tuple[Message, ...] = ()
    state: Mapping[str, Json] = field(default_factory=dict)
    began: str = ""
    standing: str = ""
    """What was going on: listening, answering, transfer_to_person anna, …"""
    record: Mapping[str, Json] = field(default_factory=dict)
    """The call's record so far."""

    def history(self) -> History:
        """To go on from here."""
        history = History(self.messages)
        history.state = self.state
        return history

    def to_bytes(self) -> bytes:
        kept: Mapping[str, Json] = {
            "version": SESSION_VERSION,
            "call_id": self.call_id,
            "caller_number": self.caller_number,
            "profile": self.profile,
            "language": self.language,
            "messages": [_message_to_json(message) for message in self.messages],
            "state": self.state,
            "began": self.began,
            "standing": self.standing,
            "record": self.record,
        }
        return to_json(kept, fallback=dict)

    @classmethod
    def from_bytes(cls, stored: bytes) -> "Session":
        """What `to_bytes` made; ValueError for anything else."""
        try:
            kept = json.loads(stored)
            if kept["version"] != SESSION_VERSION:
                raise ValueError("a session of another version")
            return cls(
                call_id=kept["call_id"],
                caller_number=kept["caller_number"],
                profile=kept["profile"],
                language=kept["language"],
                messages=tuple(_message_from_json(message) for message in kept["messages"]),
                state=kept["state"],
                began=kept["began"],
                standing=kept["standing"],
                record=kept["record"],
            )
        except (KeyError, TypeError, UnicodeDecodeError) as error:
            raise ValueError("not a stored session") from error


class Sessions:
    """All conversations in `store`: by call, and by caller for those who may go on later.

    The calls that go on are listed under the name of their gateway, `owner`, so that the next one
    of that name finds what a crash left.
    """

    def __init__(self, store: KeepingStore, *, kept_seconds: float, owner: str = "") -> None:
        self._store = store
        self._kept_seconds = kept_seconds
        self._list_key = f"session:open:{owner}"
        self._open: dict[str, None] = {}
        self._listed: list[str] | None = None
        self._listing = asyncio.Lock()
        self._told = False

    def begin(self, call_id: str) -> None:
        """A conversation goes on from now on; its first `save` lists it."""
        self._open[call_id] = None

    async def end(self, call_id: str) -> None:
        """It is over in good order. A store that fails now learns it with the next `save`."""
        self._open.pop(call_id, None)
        with suppress(StoreError):
            await self._list()

    async def left_over(self) -> tuple[Session, ...]:
        """The conversations that went on when the gateway before us died, until `told`.

        Waits for a store that is not there yet. Meanwhile no calls are listed, so that the list is
        not lost.
        """
        stored = await self._patiently(self._list_key)
        try:
            calls = [str(call) for call in json.loads(stored or b"[]")]
        except ValueError:
            calls = []
        found = [await self._patiently(_of_call(call)) for call in calls]
        return tuple(session for each in found if (session := _session_in(each)) is not None)

    async def told(self) -> None:
        """What was left over is written down: from now on the list is of our own calls."""
        self._told = True
        with suppress(StoreError):
            await self._list()

    async def _patiently(self, key: str) -> bytes | None:
        while True:
            with suppress(StoreError):
                return await self._store.read(key)
            await asyncio.sleep(RETRY_SECONDS)

    async def _list(self) -> None:
        # One at a time: an older list must not overtake a newer one.
        async with self._listing:
            calls = list(self._open)
            if self._told and calls != self._listed:
                stored = json.dumps(calls).encode()
                await self._store.keep(self._list_key, stored, seconds=self._kept_seconds)
                self._listed = calls

    async def save(self, session: Session, *, resumable_seconds: float = 0.0) -> None:
        """Keep the session; for `resumable_seconds` its caller can go on with it.

        Raises StoreError if it is not kept."""
        await self._list()
        stored = session.to_bytes()
        await self._store.keep(_of_call(session.call_id), stored, seconds=self._kept_seconds)
        if resumable_seconds > 0 and session.caller_number:
            key = _of_caller(session.profile, session.caller_number)
            await self._store.keep(key, stored, seconds=resumable_seconds)

    async def of_call(self, call_id: str) -> Session | None:
        """The conversation of a call, also of one that died with its gateway."""
        return await self._load(_of_call(call_id))

    async def of_caller(self, profile: str, caller_number: str) -> Session | None:
        """What this caller and this agent last talked about, if it may be gone on with."""
        return await self._load(_of_caller(profile, caller_number)) if caller_number else None

    async def forget(self, session: Session) -> None:
        """Delete all that is kept of a conversation."""
        await self._store.delete(_of_call(session.call_id))
        await self._store.delete(_of_caller(session.profile, session.caller_number))

    async def _load(self, key: str) -> Session | None:
        return _session_in(await self._store.get(key))


def _session_in(stored: bytes | None) -> Session | None:
    try:
        return None if stored is None else Session.from_bytes(stored)
    except ValueError:
        return None


def masked(messages: Sequence[Message], mask: Mask) -> tuple[Message, ...]:
    """`messages` as they may be kept."""
    if not mask.revision:
        return tuple(messages)
    return tuple(
        replace(
            message,
            text=mask.hide(message.text),
            tool_calls=tuple(_masked_call(call, mask) for call in message.tool_calls),
        )
        for message in messages
    )


def _masked_call(call: ToolCall, mask: Mask) -> ToolCall:
    arguments = {key: mask.hide_in(value) for key, value in call.arguments.items()}
    return replace(call, arguments=arguments)


class Keeper:
    """Writes one call's session whenever it changed. `note` never blocks; a store that cannot
    keep up gets the latest only."""

    def __init__(
        self, sessions: Sessions, current: Callable[[], Session], *, resumable_seconds: float
    ) -> None:
        self._sessions = sessions
        self._current = current
        self._resumable_seconds = resumable_seconds
        self._changed = asyncio.Event()

    def note(self) -> None:
        """The conversation has changed."""
        self._changed.set()

    async def run(self) -> None:
        """Write until cancelled; what is not written then is written last."""
        call_id = self._current().call_id
        self._sessions.begin(call_id)
        try:
            while True:
                await self._changed.wait()
                try:
                    await self._write()
                except StoreError as error:
                    log.warning("session_not_kept", call=call_id, error=str(error))
                    await asyncio.sleep(RETRY_SECONDS)
        finally:
            if self._changed.is_set():
                with suppress(StoreError):
                    await self._write()
            await self._sessions.end(call_id)

    async def _write(self) -> None:
        self._changed.clear()
        try:
            await self._sessions.save(self._current(), resumable_seconds=self._resumable_seconds)
        except BaseException:  # also a cancellation: what was half-way is written last
            self._changed.set()
            raise


def _of_call(call_id: str) -> str:
    return f"session:call:{call_id}"


def _of_caller(profile: str, caller_number: str) -> str:
    digest = hashlib.sha256(f"{profile}\0{caller_number}".encode()).hexdigest()
    return f"session:caller:{digest}"


def _message_to_json(message: Message) -> Mapping[str, Json]:
    calls: Sequence[Json] = [
        {"id": call.id, "name": call.name, "arguments": call.arguments}
        for call in message.tool_calls
    ]
    return {
        "role": message.role.value,
        "text": message.text,
        "tool_calls": calls,
        "tool_call_id": message.tool_call_id,
        "interrupted": message.interrupted,
    }


def _message_from_json(kept: Mapping[str, object]) -> Message:
    calls = kept["tool_calls"]
    if not isinstance(calls, list):
        raise TypeError("tool_calls")
    call_id = kept["tool_call_id"]
    return Message(
        Role(str(kept["role"])),
        str(kept["text"]),
        tuple(ToolCall(call["id"], call["name"], call["arguments"]) for call in calls),
        None if call_id is None else str(call_id),
        bool(kept["interrupted"]),
    )
