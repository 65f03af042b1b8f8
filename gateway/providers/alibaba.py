"""Alibaba's Paraformer over its WebSocket (help.aliyun.com, Model Studio: Paraformer real-time).

Each stretch of speech is a task on a connection that is used again: `run-task`, the audio as PCM
(Paraformer knows no mu-law), `finish-task`, which settles the text.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from uuid import uuid4

import aiohttp
from pydantic import SecretStr

from gateway.errors import (
    ProviderError,
    ProviderProtocol,
    ProviderRateLimited,
    ProviderRefused,
    ProviderUnavailable,
)
from gateway.kinds import Kind
from gateway.providers.base import Json
from gateway.providers.coverage import vendor_code
from gateway.providers.lines import Line, Lines, dial
from gateway.providers.stretch import Form, Heard, joint_of
from gateway.providers.stretches import StretchTranscriber, transcribing

NAME = "alibaba"
PATH = "/api-ws/v1/inference"
STARTED_SECONDS = 5.0
KEPT_SECONDS = 50.0
"""Alibaba closes a connection without a task after a minute."""
MOST_REQUESTS = 200


class Alibaba:
    """SpeechToText by one of Alibaba's Paraformer models."""

    name = NAME
    stream_limit = None

    def __init__(self, *, api_key: str, model: str, base_url: str, rate: int) -> None:
        self.rate = rate
        self.model = model
        self._url = f"{base_url.rstrip('/')}{PATH}"
        self._key = SecretStr(api_key)
        self._lines: Lines[None] = Lines(
            self._connect, kept_seconds=KEPT_SECONDS, most_requests=MOST_REQUESTS
        )

    async def warm(self) -> None:
        """Have a connection ready: the key is accepted. Nothing is charged."""
        await self._lines.open(None)

    async def close(self) -> None:
        """Close the idle connections."""
        await self._lines.close()

    @asynccontextmanager
    async def open(
        self, *, language: str, keyterms: Sequence[str] = ()
    ) -> AsyncIterator[StretchTranscriber]:
        """One call's ear. Paraformer takes words to expect only as lists made beforehand, so
        `keyterms` are not sent."""
        form = Form(self.rate, joint_of(language), pcm=True)
        code = vendor_code(Kind.STT, NAME, language)

        def stretch() -> AbstractAsyncContextManager["AlibabaTask"]:
            return self._task(code, form.joint)

        async with transcribing(NAME, stretch, form) as transcriber:
            yield transcriber

    @asynccontextmanager
    async def _task(self, language: str | None, joint: str) -> AsyncIterator["AlibabaTask"]:
        """A task that has started. A line that was used before may have died since."""
        for fresh in (False, True):
            async with self._lines.line(None, fresh=fresh) as line:
                task = AlibabaTask(line, joint)
                try:
                    await task.start(self.model, self.rate, language)
                except ProviderUnavailable:
                    if not line.is_used_again:
                        raise
                    continue
                yield task
                return

    async def _connect(self, session: aiohttp.ClientSession, _purpose: None) -> Line:
        headers = {"Authorization": f"Bearer {self._key.get_secret_value()}"}
        return await dial(NAME, session, self._url, headers=headers)


class AlibabaTask:
    """One stretch; see `Exchange`."""

    def __init__(self, line: Line, joint: str) -> None:
        self._id = uuid4().hex
        self._line = line
        self._joint = joint
        self._settled: list[str] = []

    async def start(self, model: str, rate: int, language: str | None) -> None:
        """Begin the task, and wait until Alibaba has begun it."""
        parameters: dict[str, Json] = {"format": "pcm", "sample_rate": rate}
        if language is not None:
            parameters["language_hints"] = [language]
        await self._line.send(
            self._command(
                "run-task",
                {
                    "task_group": "audio",
                    "task": "asr",
                    "function": "recognition",
                    "model": model,
                    "parameters": parameters,
                    "input": {},
                },
            )
        )
        event, _ = await self._event(STARTED_SECONDS)
        if event != "task-started":
            raise ProviderProtocol(NAME, "a task that did not start")

    async def send(self, audio: bytes, /) -> None:
        with suppress(ProviderUnavailable):
            await self._line.send_audio(audio)

    async def finish(self) -> None:
        with suppress(ProviderUnavailable):
            await self._line.send(self._command("finish-task", {"input": {}}))

    async def heard(self) -> AsyncGenerator[Heard, None]:
        while True:
            event, payload = await self._event(None)
            match event, payload:
                case "task-finished", _:
                    self._line.done = True
                    return
                case "result-generated", {"output": {"sentence": {"heartbeat": True}}}:
                    pass
                case "result-generated", {"output": {"sentence": {"text": str()} as sentence}}:
                    yield self._understood(sentence)
                case _:
                    raise ProviderProtocol(NAME, "a result without a sentence")

    def _understood(self, sentence: Mapping[str, object]) -> Heard:
        """A sentence that has not ended comes again, so it is no part of what is settled."""
        text = str(sentence["text"]).strip()
        pieces = [*self._settled, text] if text else list(self._settled)
        if sentence.get("sentence_end") is True:
            self._settled = pieces
        return Heard(self._joint.join(pieces), _until(sentence))

    async def _event(self, seconds: float | None) -> tuple[str, Mapping[str, object]]:
        """The next event of this task; what is late from the one before it is not ours."""
        while True:
            match await self._line.receive(seconds):
                case {"header": {"task_id": str() as task}} if task != self._id:
                    continue
                case {"header": {"event": "task-failed", **header}}:
                    raise _failed(str(header.get("error_code", "")))
                case {"header": {"event": str() as event}, "payload": dict() as payload}:
                    return event, payload
                case _:
                    raise ProviderProtocol(NAME, "a message without an event")

    def _command(self, action: str, payload: Mapping[str, Json]) -> Mapping[str, Json]:
        header = {"action": action, "task_id": self._id, "streaming": "duplex"}
        return {"header": header, "payload": payload}


def _until(sentence: Mapping[str, object]) -> float:
    """Seconds of the task's audio that a sentence covers; its end is not known before it ends."""
    match sentence:
        case {"end_time": int() as end}:
            return end / 1000
        case {"words": [*_, {"end_time": int() as end}]}:
            return end / 1000
        case {"begin_time": int() as begin}:
            return begin / 1000
        case _:
            return 0.0


def _failed(code: str) -> ProviderError:
    """The error of a task by Alibaba's code for it; its words are left out."""
    if "Throttling" in code or "RateQuota" in code:
        return ProviderRateLimited(NAME, code)
    if "Invalid" in code or "AccessDenied" in code or "Arrearage" in code:
        return ProviderRefused(NAME, code)
    return ProviderUnavailable(NAME, code or "task failed")
