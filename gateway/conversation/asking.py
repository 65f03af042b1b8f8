"""Requests to the call: made after what announces them was heard, with ringing in the meantime."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from gateway.call.requests import (
    CallRequest,
    HangUp,
    LeaveToFallback,
    RequestOutcome,
    SendDigits,
    TransferToExtension,
    TransferToPerson,
)
from gateway.conversation.backdrop import Backdrop
from gateway.conversation.clip import Clip
from gateway.conversation.record import CallRecord, Transfer
from gateway.conversation.speaking import Speaking
from gateway.conversation.utterance import Utterance

RINGING_FRAMES = 50


class CallControl(Protocol):
    """The call, as its conversation may use it; the session is one."""

    async def request(self, request: CallRequest) -> RequestOutcome: ...


class Asking:
    """One call's requests. `away` is true while the caller is being put through; meanwhile they
    hear `ringing`, if anything."""

    def __init__(
        self,
        control: CallControl,
        speaking: Speaking,
        record: CallRecord,
        *,
        ringing: Clip | None,
        now: Callable[[], float],
    ) -> None:
        self._control = control
        self._speaking = speaking
        self._record = record
        self._ringing = ringing
        self._now = now
        self.away = False

    async def request(self, request: CallRequest) -> RequestOutcome:
        """Make the request and wait for how it ends. While a person is called the caller hears
        that; digits have sounded when this returns."""
        if isinstance(request, SendDigits):
            return await self._send(request)
        entry = Transfer(_name(request), _target(request), self._now())
        self._record.add(entry)
        self.away = True
        try:
            if isinstance(request, TransferToPerson):
                return await self._with_ringing(request, entry)
            return await self._asked(request, entry)
        finally:
            self.away = False
            entry.ended = self._now()

    async def _send(self, request: SendDigits) -> RequestOutcome:
        outcome = await self._control.request(request)
        if outcome is RequestOutcome.DONE:
            await asyncio.sleep(request.seconds)
        return outcome

    async def _asked(self, request: CallRequest, entry: Transfer) -> RequestOutcome:
        outcome = await self._control.request(request)
        # At once: a call that was put through stops its conversation in the same moment.
        entry.outcome = outcome.value
        self._record.touch()
        return outcome

    async def _with_ringing(self, request: CallRequest, entry: Transfer) -> RequestOutcome:
        ringing = Utterance()
        async with asyncio.TaskGroup() as tasks:
            bell = tasks.create_task(self._ring(ringing))
            outcome = await self._asked(request, entry)
            bell.cancel()
        if self._speaking.utterance is ringing:
            self._speaking.cut()
            await self._speaking.settled()
        return outcome

    async def _ring(self, ringing: Utterance) -> None:
        self._speaking.begin(ringing)
        if self._ringing is not None:
            backdrop = Backdrop(self._ringing)
            while True:
                await self._speaking.play(ringing, backdrop.next(RINGING_FRAMES))


def _name(request: CallRequest) -> str:
    match request:
        case TransferToPerson():
            return "transfer_to_person"
        case TransferToExtension():
            return "transfer_to_extension"
        case HangUp():
            return "hang_up"
        case SendDigits():
            return "send_digits"
        case LeaveToFallback():
            return "leave_to_fallback"


def _target(request: CallRequest) -> str:
    match request:
        case TransferToPerson(target=target) | TransferToExtension(target=target):
            return target
        case LeaveToFallback(reason=reason):
            return reason
        case HangUp():
            return ""
        case SendDigits(digits):
            return digits
