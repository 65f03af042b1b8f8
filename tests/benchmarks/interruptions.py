"""A caller who takes the word: how soon the agent falls silent, and what it believes it has said.

Real phones interrupt long answers of the scripted model at any moment, in a human voice; what
interrupts is the next question. The silence is measured on the phone's wire. The words that
really reached it are counted by the frames that did (see known_speech), and compared with what the
gateway's record says was heard.
"""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gateway.demo.talkspurts import Samples, talkspurts
from gateway.lab.prompts import Prompt
from tests.benchmarks.house import SCRIPTED
from tests.benchmarks.known_speech import Repertoire, Run
from tests.benchmarks.telephones import Telephone, at_once, levelled, telephone

EARLIEST, LATEST = 0.5, 4.0
"""Seconds into an answer at which it is interrupted."""
SILENT = 0.3
"""Seconds of quiet that are no pause of the agent's own."""
AUDIBLE_BEFORE = 0.15
"""The agent must be heard so shortly before an onset for it to count."""
SETTLED = 0.9
BACKCHANNELS = frozenset({"one-moment-please", "queue-thankyou"})
"""Prompts that interrupt nobody."""


@dataclass(slots=True)
class Interruptions:
    """`reactions` in seconds from the caller's onset to silence; `runs` by caller's name are the
    answers as they came over each wire."""

    reactions: list[float] = field(default_factory=list)
    missed: int = 0
    """Onsets after which the agent did not fall silent at all."""
    runs: dict[str, Sequence[Run]] = field(default_factory=dict)


async def interrupt(
    server: str, repertoire: Repertoire, folder: Path, *, calls: int, each: int
) -> Interruptions:
    """`calls` callers beside each other, of whom `each` interrupts so often."""
    found = Interruptions()
    sayings = [prompt for prompt in levelled(folder) if _in_one_breath(prompt)]

    async def call(number: int) -> None:
        name = f"caller{number}"
        async with telephone(server, SCRIPTED, name=name) as caller:
            await _interrupting(caller, sayings, random.Random(number), each, found)
            found.runs[name] = repertoire.runs(caller.heard.packets)

    await at_once(calls, call)
    return found


def _in_one_breath(prompt: Prompt) -> bool:
    return "." not in prompt.text[:-1] and prompt.name not in BACKCHANNELS


async def _interrupting(
    caller: Telephone,
    sayings: Sequence[Prompt],
    chance: random.Random,
    times: int,
    found: Interruptions,
) -> None:
    await caller.hears(after=0.0, within=6.0)
    asked = await caller.says(chance.choice(sayings).path, pause=SILENT)
    for _ in range(times):
        if await caller.begins(after=asked.end, within=6.0) is None:
            found.missed += 1
            asked = await caller.says(chance.choice(sayings).path, pause=SILENT)
            continue
        await asyncio.sleep(chance.uniform(EARLIEST, LATEST))
        asked = await caller.says(chance.choice(sayings).path, pause=SILENT)
        silence = silent_at(caller.heard.audio(0.0, caller.now), asked.start)
        if silence is not None:
            found.reactions.append(silence - asked.start)
    await asyncio.sleep(SETTLED)


def silent_at(heard: Samples, onset: float) -> float | None:
    """When, behind `onset`, it is silent in `heard`; None if nobody was speaking at that time."""
    for span in talkspurts(heard, pause=SILENT):
        if span.start < onset - AUDIBLE_BEFORE and span.end > onset - AUDIBLE_BEFORE:
            return max(span.end, onset)
    return None
