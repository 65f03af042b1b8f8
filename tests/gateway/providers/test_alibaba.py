"""Alibaba's own ways: tasks that follow each other on a connection, and why one fails."""

import numpy as np
import pytest

from gateway.errors import (
    ProviderError,
    ProviderRateLimited,
    ProviderRefused,
    ProviderUnavailable,
)
from gateway.providers.alibaba import Alibaba
from gateway.providers.base import Transcript
from tests.vendors import alibaba
from tests.vendors.alibaba import AlibabaServer
from tests.waiting import until


def ear_of(server: AlibabaServer) -> Alibaba:
    return Alibaba(api_key="k", model="m", base_url=server.address, rate=8000)


async def hear(stt: Alibaba, language: str, segments: int = 1) -> list[Transcript]:
    finals: list[Transcript] = []
    async with stt.open(language=language, keyterms=("Anna",)) as ear:
        transcripts = ear.transcripts()
        for _ in range(segments):
            ear.begin()
            ear.feed(np.full(3600, 0.3, np.float32))
            ear.end()
            async for transcript in transcripts:
                if transcript.final:
                    finals.append(transcript)
                    break
    return finals


async def test_what_is_asked() -> None:
    async with alibaba.serving("你", "好") as server:
        stt = ear_of(server)
        (heard,) = await hear(stt, "zh-CN")
        await stt.close()
    assert heard.text == "你 好"
    (asked,) = server.told
    payload = asked["payload"]
    assert isinstance(payload, dict)
    assert payload["model"] == "m"
    hints = {"format": "pcm", "sample_rate": 8000, "language_hints": ["zh"]}
    assert payload["parameters"] == hints
    assert server.conduct.keys == ["Bearer k"]


async def test_tasks_follow_each_other_on_one_connection() -> None:
    async with alibaba.serving("yes") as server:
        stt = ear_of(server)
        assert len(await hear(stt, "en-US", segments=3)) == 3
        assert server.dialled == 1
        assert len({str(each["header"]) for each in server.told}) == 3
        await stt.close()


async def test_a_language_that_is_not_declared_is_left_to_the_model() -> None:
    async with alibaba.serving("yes") as server:
        stt = ear_of(server)
        await hear(stt, "tr-TR")
        assert "language_hints" not in str(server.told)
        await stt.close()


async def test_a_connection_is_ready_before_the_first_word() -> None:
    async with alibaba.serving() as server:
        stt = ear_of(server)
        await stt.warm()
        assert server.dialled == 1
        await stt.close()
        await until(lambda: server.sockets == 0)


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("InvalidApiKey", ProviderRefused),
        ("InvalidParameter", ProviderRefused),
        ("Throttling.RateQuota", ProviderRateLimited),
        ("InternalError", ProviderUnavailable),
    ],
)
async def test_why_a_task_failed(code: str, meant: type[ProviderError]) -> None:
    async with alibaba.serving("yes") as server:
        server.failure = code
        stt = ear_of(server)
        with pytest.raises(ProviderError) as caught:
            await hear(stt, "en-US")
        await stt.close()
    assert type(caught.value) is meant
    assert "private words" not in str(caught.value)
