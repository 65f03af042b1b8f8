"""What one request used, from the provider's own numbers where it gives them. Pure.

An answer that was thrown away before the provider said its numbers is estimated by its text: the
provider charges for what it read and wrote until then.
"""

import json
from typing import Protocol, runtime_checkable

from gateway.money.usage import Used, tokens_of
from gateway.providers.base import (
    Encoding,
    ModelEvent,
    ModelRequest,
    SpeechChunk,
    StateUpdate,
    TextDelta,
    ToolCall,
    Usage,
)

_BYTES_PER_SAMPLE = {
    Encoding.MULAW: 1,
    Encoding.ALAW: 1,
    Encoding.PCM_S16: 2,
    Encoding.PCM_F32: 4,
}


@runtime_checkable
class OneModel(Protocol):
    """A provider that says which of the vendor's models it uses: prices depend on it."""

    model: str


@runtime_checkable
class Billed(Protocol):
    """A transcriber that knows better than we what the vendor charges for (whole connections,
    a least length of each request): seconds so far."""

    @property
    def billed_seconds(self) -> float: ...


def model_of(provider: object) -> str:
    """The vendor's name of it; empty where there is no choice."""
    return provider.model if isinstance(provider, OneModel) else ""


class ModelTally:
    """Of one answer of a language model."""

    def __init__(self, request: ModelRequest) -> None:
        self._request = request
        self._said: Used | None = None
        self._written = 0
        self.begun = False

    def take(self, event: ModelEvent) -> None:
        """The next event of the answer."""
        self.begun = True
        match event:
            case Usage():
                told = Used(event.input_tokens, event.cached_tokens, event.output_tokens)
                self._said = told if self._said is None else self._said + told
            case TextDelta(text):
                self._written += len(text)
            case ToolCall():
                self._written += len(event.name) + len(json.dumps(event.arguments))
            case StateUpdate():
                pass

    def used(self, *, whole: bool) -> Used:
        """`whole`: the answer came to its end, so what the provider said (or not) is all."""
        if self._said is not None:
            return self._said
        if whole:
            return Used()
        request = self._request
        read = len(request.instructions)
        read += sum(len(message.text) for message in request.messages)
        read += sum(len(tool.description) + len(str(tool.parameters)) for tool in request.tools)
        written = tokens_of(self._written) if self._written else 0
        return Used(input_tokens=tokens_of(read), output_tokens=written, estimated=True)


class VoiceTally:
    """Of one text that is spoken: all of it is charged once it is accepted."""

    def __init__(self, text: str) -> None:
        self._characters = len(text)
        self._samples = 0
        self._rate = 1
        self.begun = False

    def take(self, chunk: SpeechChunk) -> None:
        self.begun = True
        self._rate = chunk.format.rate
        self._samples += len(chunk.audio) // _BYTES_PER_SAMPLE[chunk.format.encoding]

    def used(self) -> Used:
        return Used(
            characters=self._characters, milliseconds=round(1000 * self._samples / self._rate)
        )
