"""What it saves to speak while the model still writes, and to begin before the turn is certain.

The same questions by real phones in a human voice, the same kind of answer by a scripted model at
a set pace; what differs is whether the model's words come one by one, or whether the gateway may
start early. No answer is said twice, so none is in the speech cache.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, product
from pathlib import Path

from gateway.lab.prompts import Prompt
from tests.benchmarks.house import SCRIPTED
from tests.benchmarks.telephones import Telephone, at_once, levelled, telephone

PLACES = ("mill", "market", "station", "garden", "river", "harbor", "library", "museum")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
QUESTION_PAUSE = 0.3
LISTENED = 1.6
"""Seconds of an answer that are heard."""


@dataclass(frozen=True, slots=True)
class Waited:
    """Seconds from the caller's last sound to the first of the answer."""

    seconds: Sequence[float]
    unanswered: int


def three_sentences() -> Iterator[str]:
    """Answers of three sentences, no two alike."""
    for number, (place, day) in zip(count(2), product(PLACES, DAYS), strict=False):
        yield (
            f"We are open from eight in the morning until {number % 5 + 2} in the afternoon at the "
            f"{place}. On {day} only the front desk near the {place} is there to answer your "
            f"questions. Please call again before {day} so that nobody has to wait for you."
        )


async def wait(server: str, folder: Path, *, calls: int, each: int) -> Waited:
    """`calls` callers beside each other, each of whom asks so often."""
    waited: list[float | None] = []
    sayings = [prompt for prompt in levelled(folder) if "." not in prompt.text[:-1]]

    async def call(number: int) -> None:
        async with telephone(server, SCRIPTED, name=f"caller{number}") as caller:
            await caller.hears(after=0.0, within=6.0)
            for prompt in sayings[number * each : (number + 1) * each]:
                waited.append(await _asking(caller, prompt))

    await at_once(calls, call)
    seconds = [each for each in waited if each is not None]
    return Waited(seconds, len(waited) - len(seconds))


async def _asking(caller: Telephone, prompt: Prompt) -> float | None:
    """The answer is interrupted by the next question, but not so soon that the agent must think
    it had cut the caller off."""
    said = await caller.says(prompt.path, pause=QUESTION_PAUSE)
    begin = await caller.begins(after=said.end, within=6.0)
    await asyncio.sleep(LISTENED)
    return None if begin is None else begin - said.end
