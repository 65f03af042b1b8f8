"""The models of the conformance suite: for each its vendor's wire, and how it is made."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

import httpx2

from gateway.providers.anthropic import Anthropic
from gateway.providers.base import LanguageModel
from gateway.providers.gemini import Gemini
from gateway.providers.openai import GROQ, OPENAI, ChatModel, Dialect
from tests.vendors.anthropic import AnthropicWire
from tests.vendors.gemini import GeminiWire
from tests.vendors.openai import OpenAiWire
from tests.vendors.sse import Server, Tool, Wire, serving
from tests.waiting import until

SHORT = httpx2.Timeout(connect=5.0, read=0.2, write=5.0, pool=5.0)
CHAT_DEADLINES = {"gateway.providers.openai_client.TIMEOUT": SHORT}
KEY = "sk-very-secret"


class CloudModel(LanguageModel, Protocol):
    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Model:
    """A cloud model and its vendor's wire; `make` takes the address of the local server.

    `nonsense` is an event in mid-answer that cannot be understood, `deadlines` names constants
    that bound the time to an answer, with a short value for each.

    """

    wire: Wire
    make: Callable[[str], CloudModel]
    nonsense: str
    deadlines: Mapping[str, object]
    writes_no_json: bool = False
    """Tool calls come as objects, so they cannot be malformed."""

    @asynccontextmanager
    async def answering(self, *script: str | Tool) -> AsyncIterator[tuple[CloudModel, Server]]:
        """Nothing is left behind: no task, and no connection at the server."""
        tasks = asyncio.all_tasks()
        async with serving(self.wire, *script) as server:
            model = self.make(server.address)
            try:
                yield model, server
            finally:
                await model.close()
            await until(lambda: server.connections == 0)
        await until(lambda: asyncio.all_tasks() <= tasks)


def _anthropic(address: str) -> CloudModel:
    return Anthropic(api_key=KEY, model="claude-haiku-4-5", max_tokens=300, base_url=address)


def _chat(dialect: Dialect) -> Callable[[str], CloudModel]:
    def make(address: str) -> CloudModel:
        return ChatModel(dialect, api_key=KEY, model="m", max_tokens=300, base_url=f"{address}/v1")

    return make


def _gemini(address: str) -> CloudModel:
    return Gemini(
        api_key=KEY,
        model="gemini-2.5-flash",
        max_tokens=300,
        thinking_budget=0,
        base_url=address,
    )


MODELS: Mapping[str, Model] = {
    "anthropic": Model(
        AnthropicWire(),
        _anthropic,
        "event: message_delta\ndata: {oops\n",
        {"gateway.providers.anthropic.TIMEOUT": SHORT},
    ),
    "openai": Model(OpenAiWire(), _chat(OPENAI), "data: {oops\n", CHAT_DEADLINES),
    "gemini": Model(
        GeminiWire(),
        _gemini,
        "data: {oops\n",
        {"gateway.providers.gemini.TIMEOUT_MILLISECONDS": 200},
        writes_no_json=True,
    ),
    "groq": Model(OpenAiWire(), _chat(GROQ), 'data: {"choices": [7]}\n', CHAT_DEADLINES),
    "openai-compatible": Model(
        OpenAiWire(),
        _chat(Dialect("openai-compatible")),
        'data: {"choices": 7}\n',
        CHAT_DEADLINES,
    ),
}
