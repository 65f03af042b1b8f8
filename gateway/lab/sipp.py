"""Many phones in one program: sipp, which speaks the same recording into every call.

    async with Sipp(asterisk.sip_address, "100", speech=file, calls=50, seconds=60) as phones:
        await phones.done()

It keeps no times of what it hears; a wiretap between it and Asterisk does.
"""

import shutil
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from gateway.lab.archive import SIPP, bring
from gateway.lab.errors import LabError
from gateway.lab.ports import LOOPBACK, leased_range
from gateway.lab.process import Process

ALL_WELL, SOME_FAILED = 0, 1
"""sipp's exit status."""
FIRST_RTP_PORT = 20
"""Of the leased ports; the first is for SIP."""

SCENARIO = """\
<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="speaking callers">
  <send retrans="500"><![CDATA[
    INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
    Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
    From: <sip:555[call_number]@[local_ip]:[local_port]>;tag=[call_number]
    To: <sip:[service]@[remote_ip]:[remote_port]>
    Call-ID: [call_id]
    CSeq: 1 INVITE
    Contact: <sip:555[call_number]@[local_ip]:[local_port]>
    Max-Forwards: 70
    Content-Type: application/sdp
    Content-Length: [len]

    v=0
    o=- 1 1 IN IP4 [local_ip]
    s=-
    c=IN IP4 [media_ip]
    t=0 0
    m=audio [rtpstream_audio_port] RTP/AVP 0
    a=rtpmap:0 PCMU/8000
    a=ptime:20
  ]]></send>
  <recv response="100" optional="true"/>
  <recv response="180" optional="true"/>
  <recv response="183" optional="true"/>
  <recv response="200" rrs="true"/>
  <send><![CDATA[
    ACK [next_url] SIP/2.0
    Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
    From: <sip:555[call_number]@[local_ip]:[local_port]>;tag=[call_number]
    [last_To:]
    Call-ID: [call_id]
    CSeq: 1 ACK
    Max-Forwards: 70
    Content-Length: 0
  ]]></send>
  <pause distribution="uniform" min="0" max="{spread}"/>
  <nop><action><exec rtp_stream="{speech},-1,0"/></action></nop>
  <pause milliseconds="{milliseconds}"/>
  <send retrans="500"><![CDATA[
    BYE [next_url] SIP/2.0
    Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
    From: <sip:555[call_number]@[local_ip]:[local_port]>;tag=[call_number]
    [last_To:]
    Call-ID: [call_id]
    CSeq: 2 BYE
    Max-Forwards: 70
    Content-Length: 0
  ]]></send>
  <recv response="200"/>
</scenario>
"""


class Sipp:
    """`calls` callers to `extension`, `per_second` of them a second.

    `speech` is raw mu-law, said over and over for `seconds`; each caller begins at a moment of his
    own, within `spread` seconds of the answer. Raises LabError where sipp cannot be had.
    """

    def __init__(
        self,
        server: str,
        extension: str,
        *,
        speech: Path,
        calls: int,
        seconds: float,
        per_second: int = 5,
        spread: float = 0.0,
    ) -> None:
        self._server = server
        self._extension = extension
        self._speech = speech
        self._calls = calls
        self._seconds = seconds
        self._per_second = per_second
        self._spread = spread
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            folder = Path(tempfile.mkdtemp(prefix="voice-gateway-sipp-"))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            ports = stack.enter_context(leased_range())
            shutil.copy(self._speech, folder / "speech.ulaw")
            scenario = SCENARIO.format(
                speech=folder / "speech.ulaw",
                milliseconds=round(self._seconds * 1000),
                spread=round(self._spread * 1000),
            )
            (folder / "scenario.xml").write_text(scenario)
            self._process = await stack.enter_async_context(
                Process("sipp", self._command(ports), folder=folder, log=folder / "log")
            )
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    @property
    def pid(self) -> int:
        return self._process.pid

    async def done(self) -> bool:
        """Wait until all calls are over; whether all of them went as planned.

        LabError if sipp itself failed.
        """
        status = await self._process.wait()
        if status not in (ALL_WELL, SOME_FAILED):
            raise LabError("sipp", f"status {status}: {self._process.last_words()}")
        return status == ALL_WELL

    def _command(self, ports: range) -> tuple[str, ...]:
        options = {
            "-sf": "scenario.xml",
            "-s": self._extension,
            "-i": LOOPBACK,
            "-mi": LOOPBACK,
            "-p": str(ports[0]),
            "-min_rtp_port": str(ports[FIRST_RTP_PORT]),
            "-max_rtp_port": str(ports[-1]),
            "-m": str(self._calls),
            "-l": str(self._calls),
            "-r": str(self._per_second),
        }
        arguments = [part for option in options.items() for part in option]
        program = bring(SIPP).command("usr/bin/sipp")
        return (*program, self._server, *arguments, "-nostdin")
