"""Light SIP phones by the hundred: they call, speak, press keys, listen, hang up at any moment.

    async with Callers(asterisk.sip_address) as callers:
        caller = await callers.call("100")
        await caller.hears_voice()
        await caller.say(read_wav(Path("question.wav")))
        caller.hang_up()
        await caller.ended()

Mu-law only, no registration: they reach Asterisk as anonymous callers. For one honest phone of
somebody else's making there is gateway.lab.phone.
"""

import asyncio
import secrets
import time
from collections.abc import Callable
from enum import StrEnum
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from gateway.lab.errors import LabError
from gateway.lab.hearing import FRAME_SECONDS, Packet, Voice, heard_until
from gateway.lab.lines import Line, Lines, key_frames, speech_frames
from gateway.lab.ports import LOOPBACK
from gateway.lab.sip import Address, SipMessage, audio_address, audio_sdp, response

T1 = 0.5
"""First retransmission in seconds, doubling (RFC 3261 §17.1.1.1)."""
TRANSACTION_SECONDS = 16.0
PATIENCE = 30.0
"""Seconds for what comes in a moment where the machine has time; nothing here is a measurement."""


class CallState(StrEnum):
    CALLING = "calling"
    EARLY = "early"
    """Ringing, or media before the answer."""
    UP = "up"
    ENDED = "ended"


class Caller:
    """One call that we made."""

    def __init__(self, bank: "Callers", extension: str, number: str) -> None:
        self.extension = extension
        self.number = number
        self.state = CallState.CALLING
        self.status: int | None = None
        """The final answer to our INVITE."""
        self.invited_at = time.monotonic()
        self.answered_at: float | None = None
        self.ended_at: float | None = None
        self.line = Line()
        self._bank = bank
        self._changed = asyncio.Event()

    def __repr__(self) -> str:
        return f"<Caller {self.number} to {self.extension}: {self.state} {self.status or ''}>"

    @property
    def heard(self) -> list[Packet]:
        return self.line.heard

    @property
    def said(self) -> list[Packet]:
        return self.line.said

    @property
    def quiet(self) -> float:
        """Seconds for which the other side has been quiet, of those in which it could be heard."""
        quiet_since = max(self.line.last_voice, self.answered_at or self.invited_at)
        return heard_until(self.heard, time.monotonic()) - quiet_since

    # ---- what a caller does

    async def say(self, speech: NDArray[np.float32]) -> Voice:
        """Speak 8 kHz samples in -1..1; returns when they were said, once the last frame left."""
        finished: asyncio.Future[float] = asyncio.get_running_loop().create_future()

        def done(now: float) -> None:
            if not finished.done():
                finished.set_result(now)

        frames = speech_frames(speech)
        self.line.put([*frames[:-1], frames[-1]._replace(done=done)])
        try:
            async with asyncio.timeout(len(frames) * FRAME_SECONDS + PATIENCE):
                end = await finished
        except TimeoutError:
            raise LabError(repr(self), "could not say it to the end") from None
        left = [packet.time for packet in self.said if packet.time <= end]
        return Voice(left[-len(frames)] - FRAME_SECONDS, end)

    def press(self, keys: str) -> None:
        """DTMF: each key 100 ms (RFC 4733), 60 ms apart, after what is waiting to be said."""
        for key in keys:
            self.line.put(key_frames(key))

    async def hears_voice(self, *, within: float = PATIENCE, since: float | None = None) -> float:
        """The time of the first voice heard after `since` (now). LabError if there is none."""
        start = time.monotonic() if since is None else since
        await self._until(lambda: self.line.last_voice > start, within, "no voice heard")
        return self.line.last_voice

    async def hears_quiet(self, *, seconds: float = 0.8, within: float = PATIENCE) -> float:
        """When the other side has been quiet for `seconds`: the time its voice ended."""
        await self._until(lambda: self.quiet >= seconds, within, "it never got quiet")
        return self.line.last_voice

    async def _until(self, true: Callable[[], bool], within: float, problem: str) -> None:
        try:
            async with asyncio.timeout(within):
                while not true():
                    if self.state is CallState.ENDED:
                        raise LabError(repr(self), problem + ": the call ended")
                    await self._bank.lines.tick()
        except TimeoutError:
            raise LabError(repr(self), f"{problem} within {within:g} s") from None

    async def answered(self, *, within: float = PATIENCE) -> None:
        """Wait for the answer. LabError with the status if the call is refused."""
        await self._reaches(CallState.UP, within)
        if self.answered_at is None:
            raise LabError(repr(self), "refused")

    async def ended(self, *, within: float = PATIENCE) -> None:
        """Wait until the call is over, whoever ended it."""
        await self._reaches(CallState.ENDED, within)

    def hang_up(self) -> None:
        """End the call at once, in whatever state it is: CANCEL or BYE."""
        self._bank.hang_up(self)

    # ---- what happens to it

    async def _reaches(self, state: CallState, within: float) -> None:
        try:
            async with asyncio.timeout(within):
                while self.state not in (state, CallState.ENDED):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise LabError(repr(self), f"not {state} within {within:g} s") from None

    def become(self, state: CallState) -> None:
        """Enter `state`; the bank's business."""
        if state is CallState.UP and self.answered_at is None:
            self.answered_at = time.monotonic()
        if state is CallState.ENDED:
            self.ended_at = time.monotonic()
        self.state = state
        self._changed.set()


class _Dialog:
    """The SIP side of one call (RFC 3261 §12)."""

    def __init__(self, caller: Caller, local: Address, server: str) -> None:
        self.caller = caller
        self.call_id = secrets.token_hex(12)
        self.invite_branch = _new_branch()
        self.remote_tag = ""
        self.target = f"sip:{caller.extension}@{server}"
        self.wants_end = False
        self.sdp_version = 1
        self._server = server
        self._local = local
        self._tag = secrets.token_hex(6)
        self._cseq = 1

    @property
    def contact(self) -> str:
        ip, port = self._local
        return f"sip:{self.caller.number}@{ip}:{port}"

    def invite(self, sdp: str) -> SipMessage:
        return self._request("INVITE", self.invite_branch, self._cseq, sdp)

    def cancel(self) -> SipMessage:
        return self._request("CANCEL", self.invite_branch, self._cseq)

    def acknowledge(self, branch: str) -> SipMessage:
        return self._request("ACK", branch, self._cseq)

    def bye(self) -> SipMessage:
        self._cseq += 1
        return self._request("BYE", _new_branch(), self._cseq)

    def _request(self, method: str, branch: str, cseq: int, sdp: str = "") -> SipMessage:
        ip, port = self._local
        remote_tag = f";tag={self.remote_tag}" if self.remote_tag else ""
        headers = [
            ("Via", f"SIP/2.0/UDP {ip}:{port};rport;branch={branch}"),
            ("Max-Forwards", "70"),
            ("From", f"<sip:{self.caller.number}@{ip}:{port}>;tag={self._tag}"),
            ("To", f"<sip:{self.caller.extension}@{self._server}>{remote_tag}"),
            ("Call-ID", self.call_id),
            ("CSeq", f"{cseq} {method}"),
            ("Contact", f"<{self.contact}>"),
        ]
        if sdp:
            headers.append(("Content-Type", "application/sdp"))
        return SipMessage(f"{method} {self.target} SIP/2.0", tuple(headers), sdp)


def _new_branch() -> str:
    return "z9hG4bK" + secrets.token_hex(8)


class Callers(asyncio.DatagramProtocol):
    """A bank of light phones on one SIP and one RTP socket.

    Leaving the block hangs up what is still up and waits for Asterisk's confirmations.
    """

    def __init__(self, server: str) -> None:
        self.lines = Lines()
        self._server = server
        self._dialogs: dict[str, _Dialog] = {}
        self._waiting: dict[str, asyncio.TimerHandle] = {}

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        await self.lines.__aenter__()
        ip, _, port = self._server.partition(":")
        self._server_address = (ip, int(port))
        transport, _ = await self._loop.create_datagram_endpoint(
            lambda: self, local_addr=(LOOPBACK, 0)
        )
        self._transport = transport
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        callers = [dialog.caller for dialog in self._dialogs.values()]
        for caller in callers:
            caller.hang_up()
        try:
            for caller in callers:
                await caller.ended()
        finally:
            for timer in self._waiting.values():
                timer.cancel()
            self._transport.close()
            await self.lines.__aexit__(kind, error, traceback)

    async def call(self, extension: str, *, number: str = "5550100") -> Caller:
        """Call and wait for the answer. LabError with the status if the call is refused."""
        caller = self.ring(extension, number=number)
        await caller.answered()
        return caller

    def ring(self, extension: str, *, number: str = "5550100") -> Caller:
        """Call without waiting for anything."""
        caller = Caller(self, extension, number)
        dialog = _Dialog(caller, self._local, self._server)
        self._dialogs[dialog.call_id] = dialog
        self._send_until_answered(dialog, dialog.invite(self._sdp(dialog)))
        return caller

    def hang_up(self, caller: Caller) -> None:
        """CANCEL or BYE, or as soon as one of them is allowed (RFC 3261 §9.1, §15)."""
        dialog = self._dialog_of(caller)
        if dialog is None or dialog.wants_end:
            return
        dialog.wants_end = True
        if caller.state is CallState.UP:
            self.lines.disconnect(caller.line)
            self._send_until_answered(dialog, dialog.bye())
        elif caller.state is CallState.EARLY:
            self._send_until_answered(dialog, dialog.cancel())

    # ---- datagrams

    def datagram_received(self, data: bytes, addr: Address) -> None:
        message = SipMessage.parse(data)
        dialog = self._dialogs.get(message.call_id)
        if message.status is None:
            self._on_request(dialog, message, addr)
        elif dialog is not None:
            self._on_response(dialog, message, message.status)

    def _on_request(self, dialog: _Dialog | None, request: SipMessage, source: Address) -> None:
        if request.method == "ACK":
            return
        if dialog is None:
            gone = response(request, "481 Call/Transaction Does Not Exist")
            self._transport_send(gone, source)
            return
        sdp = ""
        if request.method == "INVITE":
            self._take_media(dialog, request.body)
            sdp = self._sdp(dialog)
        answer = response(request, "200 OK", contact=dialog.contact, sdp=sdp)
        self._transport_send(answer, source)
        if request.method == "BYE":
            self._end(dialog)

    def _on_response(self, dialog: _Dialog, message: SipMessage, status: int) -> None:
        if timer := self._waiting.pop(message.branch + message.method, None):
            timer.cancel()
        match message.method:
            case "INVITE" if status < 200:
                self._on_progress(dialog, message, status)
            case "INVITE" if status < 300:
                self._on_answer(dialog, message, status)
            case "INVITE":
                dialog.remote_tag = _tag(message.get("to"))
                self._send(dialog.acknowledge(dialog.invite_branch))
                dialog.caller.status = status
                self._end(dialog)
            case "BYE":
                self._end(dialog)
            case _:
                pass

    def _on_progress(self, dialog: _Dialog, message: SipMessage, status: int) -> None:
        if dialog.caller.state is CallState.CALLING:
            dialog.caller.become(CallState.EARLY)
            if dialog.wants_end:
                self._send_until_answered(dialog, dialog.cancel())
        if status > 100:
            self._take_media(dialog, message.body)

    def _on_answer(self, dialog: _Dialog, message: SipMessage, status: int) -> None:
        dialog.remote_tag = _tag(message.get("to"))
        dialog.target = message.contact or dialog.target
        self._send(dialog.acknowledge(_new_branch()))
        if dialog.caller.state is CallState.UP:
            return  # the answer again: its ACK was lost
        dialog.caller.status = status
        self._take_media(dialog, message.body)
        dialog.caller.become(CallState.UP)
        if dialog.wants_end:
            self.lines.disconnect(dialog.caller.line)
            self._send_until_answered(dialog, dialog.bye())

    def _take_media(self, dialog: _Dialog, sdp: str) -> None:
        address = audio_address(sdp)
        if address and address != dialog.caller.line.remote:
            self.lines.connect(dialog.caller.line, address)

    def _end(self, dialog: _Dialog) -> None:
        self.lines.disconnect(dialog.caller.line)
        self._dialogs.pop(dialog.call_id, None)
        if dialog.caller.state is not CallState.ENDED:
            dialog.caller.become(CallState.ENDED)

    # ---- sending

    def _send_until_answered(self, dialog: _Dialog, message: SipMessage, wait: float = T1) -> None:
        """Over UDP a request is repeated until any response (RFC 3261 §17.1)."""
        self._send(message)
        if wait > TRANSACTION_SECONDS:
            self._end(dialog)
            return
        self._waiting[message.branch + message.method] = self._loop.call_later(
            wait, lambda: self._send_until_answered(dialog, message, wait * 2)
        )

    def _send(self, message: SipMessage) -> None:
        self._transport_send(message, self._server_address)

    def _transport_send(self, message: SipMessage, address: Address) -> None:
        self._transport.sendto(message.encode(), address)

    def _sdp(self, dialog: _Dialog) -> str:
        dialog.sdp_version += 1
        return audio_sdp(self.lines.address, version=dialog.sdp_version)

    @property
    def _local(self) -> Address:
        ip, port = self._transport.get_extra_info("sockname")
        return ip, port

    def _dialog_of(self, caller: Caller) -> _Dialog | None:
        return next((d for d in self._dialogs.values() if d.caller is caller), None)


def _tag(header: str) -> str:
    return header.partition(";tag=")[2].partition(";")[0]
