"""A real SIP phone without a screen or sound card: baresip, driven over its control socket.

    async with Phone("caller") as phone:
        await phone.dial(f"sip:100@{asterisk.sip_address}")
        await phone.say(Path("question.wav"))
        await phone.hang_up()

Its microphone is a quiet line until `say` puts speech on it; what it hears and says is recorded.
"""

import asyncio
import json
import shutil
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from gateway.lab.archive import PHONES, bring
from gateway.lab.background import background
from gateway.lab.errors import LabError
from gateway.lab.ports import LOOPBACK, SMALL, leased_range
from gateway.lab.process import Process
from gateway.lab.sound import TELEPHONE_RATE, line_noise, read_wav, write_wav

TAIL_SECONDS = 120.0
"""Every source ends in this much quiet line: baresip hangs up where a file source ends."""
REFRESH_SECONDS = 100.0
START_SECONDS = 30.0
COMMAND_SECONDS = 20.0

CONFIGURATION = """\
poll_method epoll
sip_listen {ip}:{sip_port}
net_interface {ip}
dns_server 127.0.0.1:9
call_local_timeout 120
call_max_calls 8
audio_source aufile,quiet.wav
audio_player aubridge,ear
audio_alert aubridge,bell
audio_level no
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
rtp_tos 0
rtp_ports {rtp_first}-{rtp_last}
rtcp_mux no
rtp_stats no
jitter_buffer_delay 1-5
snd_path {folder}
module_path {modules}
module g711.so
module aufile.so
module aubridge.so
module sndfile.so
module_tmp uuid.so
module_tmp account.so
module_app contact.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen {ip}:{control_port}
"""


class Answer(StrEnum):
    """What the phone does when it rings."""

    AUTO = "auto"
    MANUAL = "manual"
    BUSY = "busy"


class Happening(StrEnum):
    """baresip's events that this phone acts on."""

    INCOMING = "CALL_INCOMING"
    RINGING = "CALL_RINGING"
    PROGRESS = "CALL_PROGRESS"
    REMOTE_SDP = "CALL_REMOTE_SDP"
    ESTABLISHED = "CALL_ESTABLISHED"
    CLOSED = "CALL_CLOSED"


@dataclass(frozen=True, slots=True)
class PhoneEvent:
    """One event, with the monotonic time it was received at."""

    time: float
    happening: str
    detail: str
    peer: str


class Phone:
    """`async with Phone(...)`: running (and registered) inside the block; nothing left after it.

    `register` is the `ip:port` of the server it registers at as `name`. `recordings` is a folder
    that gets `<name>-heard.wav` and `<name>-said.wav` of its last call; gaps are not filled in.
    """

    def __init__(
        self,
        name: str,
        *,
        register: str | None = None,
        answer: Answer = Answer.MANUAL,
        codecs: Sequence[str] = ("pcmu",),
        recordings: Path | None = None,
    ) -> None:
        self.name = name
        self.events: list[PhoneEvent] = []
        self._server = register
        self._answer = answer
        self._codecs = codecs
        self._recordings = recordings
        self._changed = asyncio.Condition()
        self._replies: asyncio.Queue[dict[str, object]] = asyncio.Queue()
        self._one_command = asyncio.Lock()
        self._spoken = 0
        self._quiet_until = 0.0
        self._stack = AsyncExitStack()

    # ---- life

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            self.folder = Path(tempfile.mkdtemp(prefix=f"voice-gateway-{self.name}-"))
            stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
            stack.callback(self._keep_recordings)
            root = await asyncio.to_thread(bring, PHONES)
            ports = stack.enter_context(leased_range(SMALL))
            self._configure(root.path / "usr/lib/baresip/modules", ports)
            command = (*root.command("usr/bin/baresip"), "-f", str(self.folder))
            self._process = await stack.enter_async_context(
                Process(self.name, command, folder=self.folder, log=self.folder / "log")
            )
            await self._connect(stack)
            if self._server:
                await self._registered()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Switch it off early: ends its calls and leaves its recordings. Idempotent."""
        await self._stack.aclose()

    def _configure(self, modules: Path, ports: range) -> None:
        self.sip_port = ports[0]  # baresip takes the next port for TLS
        self._control_port = ports[2]
        (self.folder / "config").write_text(
            CONFIGURATION.format(
                ip=LOOPBACK,
                sip_port=self.sip_port,
                control_port=self._control_port,
                rtp_first=ports[4],
                rtp_last=ports[-1],
                folder=self.folder,
                modules=modules,
            )
        )
        server = self._server or f"{LOOPBACK}:{self.sip_port}"
        mode = "auto" if self._answer is Answer.AUTO else "manual"
        (self.folder / "accounts").write_text(
            f"<sip:{self.name}@{server};transport=udp>;regint={60 if self._server else 0}"
            f";answermode={mode};audio_codecs={','.join(self._codecs)};dtmfmode=rtpevent\n"
        )
        (self.folder / "contacts").write_text("\n")
        write_wav(self.folder / "quiet.wav", line_noise(TAIL_SECONDS))

    async def _connect(self, stack: AsyncExitStack) -> None:
        reader, self._writer = await self._open_control()
        stack.callback(self._writer.close)
        work = [self._read(reader), self._keep_quiet()]
        if self._answer is Answer.BUSY:
            work.append(self._refuse())
        await stack.enter_async_context(background(*work))

    async def _open_control(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        until = time.monotonic() + START_SECONDS
        while True:
            self._process.check()
            try:
                return await asyncio.open_connection(LOOPBACK, self._control_port)
            except ConnectionRefusedError:
                if time.monotonic() > until:
                    raise LabError(self.name, "baresip did not start") from None
                await asyncio.sleep(0.02)

    async def _registered(self) -> None:
        """Asked for, not waited for: the event may be over before the control socket is open."""
        until = time.monotonic() + START_SECONDS
        while "OK" not in await self.command("reginfo"):
            if time.monotonic() > until:
                words = self._process.last_words()
                raise LabError(self.name, f"not registered at {self._server}: {words}")
            await asyncio.sleep(0.02)

    def _keep_recordings(self) -> None:
        if self._recordings is None:
            return
        self._recordings.mkdir(parents=True, exist_ok=True)
        for kind, name in (("dec", "heard"), ("enc", "said")):
            if dumps := sorted(self.folder.glob(f"dump-*-{kind}.wav")):
                shutil.copy(dumps[-1], self._recordings / f"{self.name}-{name}.wav")

    # ---- calls

    async def dial(self, uri: str, *, within: float = 30.0) -> None:
        """Call `uri` and return once it is answered. LabError with the reason if it is not."""
        start = len(self.events)
        await self.ring(uri)
        await self.wait_for(Happening.ESTABLISHED, since=start, within=within)

    async def ring(self, uri: str) -> None:
        """Call `uri` without waiting for the answer."""
        await self._quiet()
        await self.command("dial", uri)

    async def answer(self) -> None:
        """Take the ringing call."""
        await self._quiet()
        await self.command("accept")

    async def hang_up(self) -> None:
        """End the call, give up the call that is not answered yet, or refuse the ringing one."""
        await self.command("hangup")

    async def press(self, digits: str, *, gap: float = 0.25) -> None:
        """DTMF (RFC 4733 events), one digit every `gap` seconds."""
        for digit in digits:
            await self.command("sndcode", digit)
            await asyncio.sleep(gap)

    async def hold(self) -> None:
        """Put the other side on hold (re-INVITE); returns when it has agreed."""
        await self._renegotiate("hold")

    async def resume(self) -> None:
        """Take the other side back from hold; returns when it has agreed."""
        await self._renegotiate("resume")

    async def _renegotiate(self, command: str) -> None:
        start = len(self.events)
        # baresip 1.1 reports "Invalid argument" for a resume that it has carried out.
        await self._ask(command)
        await self.wait_for(Happening.REMOTE_SDP, since=start)

    async def _refuse(self) -> None:
        """486 Busy Here to whoever calls."""
        refused = 0
        while True:
            async with self._changed:
                await self._changed.wait()
            incoming = sum(event.happening == Happening.INCOMING for event in self.events)
            if incoming > refused:
                refused = incoming
                await self.hang_up()

    async def transfer(self, uri: str) -> None:
        """Ask the other side to call `uri` (REFER)."""
        await self.command("transfer", uri)

    async def say(self, *speech: Path, pause: float = 0.0) -> None:
        """Put wav files on the line, `pause` seconds apart; returns when they have been said."""
        gap = np.zeros(int(pause * TELEPHONE_RATE), np.float32)
        parts = [part for path in speech for part in (read_wav(path), gap)]
        audio = np.concatenate(parts[:-1])
        tail = np.zeros(int(TAIL_SECONDS * TELEPHONE_RATE), np.float32)
        self._spoken += 1
        source = f"say-{self._spoken}.wav"
        whole = np.concatenate([audio, tail])
        write_wav(self.folder / source, whole + line_noise(len(whole) / TELEPHONE_RATE))
        seconds = len(audio) / TELEPHONE_RATE
        await self._switch_source(source, seconds)
        await asyncio.sleep(seconds)

    # ---- events

    async def wait_for(
        self, happening: Happening, *, since: int = 0, within: float = 30.0
    ) -> PhoneEvent:
        """The first such event from index `since` on; LabError where the call ends before it."""
        try:
            async with asyncio.timeout(within), self._changed:
                while True:
                    for event in self.events[since:]:
                        if event.happening == happening:
                            return event
                        if event.happening == Happening.CLOSED:
                            raise LabError(self.name, f"{event.happening} {event.detail}".strip())
                    await self._changed.wait()
        except TimeoutError:
            raise LabError(self.name, f"no {happening} within {within:g} s") from None

    def _happened(self, message: dict[str, object]) -> None:
        self.events.append(
            PhoneEvent(
                time=time.monotonic(),
                happening=str(message.get("type", "")),
                detail=str(message.get("param", "")),
                peer=str(message.get("peeruri", "")),
            )
        )

    # ---- baresip's control socket: netstrings of JSON

    async def command(self, name: str, parameters: str = "") -> str:
        """Run one of baresip's commands; what it prints. LabError where it refuses."""
        reply = await self._ask(name, parameters)
        if not reply.get("ok"):
            raise LabError(self.name, f"{name} {parameters}: {str(reply.get('data')).strip()}")
        return str(reply.get("data", ""))

    async def _ask(self, name: str, parameters: str = "") -> dict[str, object]:
        text = json.dumps({"command": name, "params": parameters, "token": name}).encode()
        async with self._one_command:
            self._writer.write(b"%d:%s," % (len(text), text))
            try:
                # asyncio.wait_for loses a cancellation that comes together with the reply
                async with asyncio.timeout(COMMAND_SECONDS):
                    return await self._replies.get()
            except TimeoutError:
                self._process.check()
                raise LabError(self.name, f"no reply to {name}") from None

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while not reader.at_eof():
            try:
                size = await reader.readuntil(b":")
                body = await reader.readexactly(int(size[:-1]) + 1)
            except (asyncio.IncompleteReadError, ConnectionResetError):
                return
            message: dict[str, object] = json.loads(body[:-1])
            if not message.get("event"):
                self._replies.put_nowait(message)
                continue
            async with self._changed:
                self._happened(message)
                self._changed.notify_all()

    # ---- its microphone

    async def _quiet(self) -> None:
        await self._switch_source("quiet.wav")

    async def _switch_source(self, source: str, speech_seconds: float = 0.0) -> None:
        self._quiet_until = time.monotonic() + speech_seconds + REFRESH_SECONDS
        await self.command("ausrc", f"aufile,{source}")

    async def _keep_quiet(self) -> None:
        """Start the quiet line again before the source runs out."""
        while True:
            await asyncio.sleep(1.0)
            if self._quiet_until < time.monotonic():
                await self._quiet()
