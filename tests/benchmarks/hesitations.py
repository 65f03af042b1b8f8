"""Callers who pause inside a sentence: how often does the agent speak before they have finished?

The sentences are put together of parts that one speaker recorded to be put together (Asterisk's
prompts, a human voice), with a pause where two parts meet: where a person stops to think. The
rest are prompts in which the speaker herself paused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import numpy as np

from gateway.demo.talkspurts import Samples, talkspurts
from gateway.lab.archive import PROMPTS, bring
from gateway.lab.prompts import FOLDER
from gateway.lab.sound import TELEPHONE_RATE, read_wav, write_wav
from tests.benchmarks.house import SCRIPTED
from tests.benchmarks.telephones import Telephone, at_once, telephone

PAUSES = (0.4, 0.6, 0.8, 1.0)
"""Seconds; they are dealt out in turn."""
BETWEEN_WORDS = 0.04
LONGEST_PAUSE = 1.2
"""What lies between the parts of one sentence on the wire is shorter."""
SENTENCES = (
    "vm-youhave | digits/3 vm-INBOX vm-messages",
    "vm-youhave digits/5 | vm-Old vm-messages",
    "vm-youhave digits/2 vm-INBOX | vm-and digits/7 vm-Old vm-messages",
    "vm-theperson digits/4 digits/2 | vm-isunavail",
    "vm-theperson | digits/1 digits/0 digits/4 | vm-isonphone",
    "extension digits/6 digits/1 | is-in-use",
    "extension | digits/8 digits/3 digits/3",
    "vm-num-i-have | digits/4 digits/7 digits/1 digits/9",
    "vm-num-i-have digits/4 digits/7 | digits/1 digits/9",
    "telephone-number digits/5 digits/5 digits/5 | digits/0 digits/1 digits/0 digits/0",
    "your telephone-number | is digits/6 digits/2 digits/0 digits/4",
    "your telephone-number is | digits/9 digits/9 digits/3",
    "call-fwd-unconditional is-set-to | digits/1 digits/2 digits/2",
    "call-fwd-on-busy | is-set-to digits/3 digits/0 digits/5",
    "queue-thereare | digits/4 | queue-callswaiting",
    "queue-thereare digits/2 | queue-callswaiting",
    "queue-holdtime | queue-less-than digits/5 queue-minutes",
    "queue-holdtime digits/8 | queue-minutes",
    "if-correct-press | digits/1",
    "to-listen-to-it | vm-press digits/2",
    "to-rerecord-it vm-press | digits/3",
    "to-call-this-number | vm-press digits/9",
    "you-entered | digits/7 digits/4 digits/0 digits/8",
    "you-entered digits/7 digits/4 | digits/0 digits/8",
    "at-tone-time-exactly | digits/10 digits/40 digits/a-m",
    "vm-message vm-from-phonenumber | digits/5 digits/0 digits/3",
    "vm-duration | digits/2 vm-minutes",
    "conf-thereare | digits/5 conf-otherinparty",
    "conf-thereare digits/3 | conf-otherinparty",
    "queue-quantity1 | digits/4 queue-quantity2",
    "queue-quantity1 digits/9 | queue-quantity2",
    "vm-from-extension | digits/7 digits/2",
    "vm-from-extension digits/7 | digits/2 digits/9",
    "your extension | is digits/4 digits/1 digits/1",
    "your extension is | digits/4 digits/1 digits/1",
    "your location | is-set-to digits/6",
    "speed-dial digits/3 | is-set-to digits/5 digits/5 digits/1",
    "speed-dial digits/3 is-set-to | digits/5 digits/5 digits/1",
    "do-not-disturb is | activated",
    "call-waiting | is-set-to digits/2",
    "call-fwd-no-ans is-set-to | digits/4 digits/4",
    "calling digits/6 | digits/2 digits/0",
    "number digits/8 | digits/1 is-in-use",
    "telephone-number | is-in-use",
    "digits/day-1 | digits/at digits/10 digits/a-m",
    "digits/day-4 digits/at | digits/3 digits/p-m",
    "digits/day-2 digits/mon-3 | digits/h-4",
    "digits/tomorrow digits/at | digits/9 digits/30",
    "your number is | letters/b letters/k digits/7",
    "vm-youhave | digits/2 vm-Old vm-messages",
    "vm-received digits/today digits/at | digits/4 digits/30 digits/p-m",
    "vm-message vm-received | digits/yesterday digits/at digits/8 digits/a-m",
    "info-about-last-call | vm-from-phonenumber digits/3 digits/8 digits/1 digits/7",
    "confbridge-there-are | digits/6 confbridge-participants",
    "confbridge-there-are digits/12 | confbridge-participants",
    "num-was-successfully | added",
    "num-was-successfully | removed",
    "call-forwarding is | disabled",
    "call-forwarding | is-set-to digits/5 digits/5 digits/8",
    "speed-dial | digits/4 is-set-to digits/9 digits/0 digits/2",
    "vm-message vm-savedto | vm-Family vm-messages",
    "vm-youhave | vm-no vm-INBOX vm-messages",
    "vm-youhave digits/1 | vm-Urgent vm-message",
    "vm-youhave digits/6 vm-Old | vm-messages",
    "vm-theperson | digits/7 digits/2 digits/5 | vm-isunavail",
    "digits/day-3 digits/mon-0 | digits/h-15 | digits/at digits/2 digits/p-m",
    "digits/tomorrow | digits/at digits/11 digits/a-m",
    "digits/day-5 | digits/at digits/6 digits/p-m",
    "queue-holdtime | queue-less-than digits/2 queue-minutes",
    "your location is | digits/3 digits/0 digits/7",
    "your number | is digits/8 digits/8 digits/0 digits/5",
    "calling | digits/9 digits/1 digits/4 digits/4",
    "letters/m letters/t | letters/v digits/3",
    "phonetic/s_p phonetic/m_p | phonetic/i_p phonetic/t_p",
    "digits/20 digits/5 | digits/dollars",
    "digits/3 digits/hundred | digits/40 digits/dollars",
    "vm-extension digits/3 | digits/1 digits/6 is-in-use",
    "do-not-disturb | is enabled",
    "call-waiting is | de-activated",
    "vm-tocancel vm-press | digits/7",
    "vm-message | vm-from-extension digits/1 digits/8",
)
HELD_OUT = (
    "followme/call-from | telephone-number digits/6 digits/0 digits/2",
    "followme/call-from telephone-number | digits/3 digits/7 digits/7",
    "queue-reporthold | digits/3 queue-minutes",
    "extension digits/2 digits/0 | conf-hasjoin",
    "vm-extension digits/5 digits/4 | conf-hasleft",
    "digits/day-6 digits/mon-8 | digits/h-11",
    "digits/mon-11 | digits/h-12",
    "digits/today digits/at | digits/10 digits/oclock",
    "digits/yesterday digits/at | digits/7 digits/20 digits/p-m",
    "time | is-set-to digits/8 digits/oclock",
    "location | is-set-to digits/4",
    "your location is-set-to | digits/1 digits/9",
    "telephone-number digits/2 | digits/4 digits/6 digits/8",
    "digits/4 digits/hundred digits/70 | digits/dollars",
    "digits/2 digits/thousand | digits/5 digits/hundred",
    "digits/minus | digits/12",
    "phonetic/a_p phonetic/l_p | phonetic/e_p phonetic/x_p",
    "letters/h letters/e | letters/l letters/p",
    "call-forwarding | is enabled",
    "call-waiting | is cancelled",
    "speed-dial | is disabled",
    "you-entered digits/9 | digits/1 digits/1",
    "vm-from | extension digits/6 digits/6",
    "vm-message | from-unknown-caller",
    "digits/3 hours | digits/10 minutes",
    "number digits/7 digits/3 | is-in-use",
    "vm-youhave digits/8 vm-INBOX | vm-and digits/1 vm-Old vm-message",
)
"""Put together when the rules for the others were written, and only counted."""
OWN_PAUSES = ("privacy-prompt", "privacy-incorrect", "tt-weasels", "vm-whichbox", "conf-full")


@dataclass(frozen=True, slots=True)
class Hesitation:
    """A sentence with pauses, and where it is recorded."""

    sentence: str
    path: Path


@dataclass(frozen=True, slots=True)
class Finished:
    """One of them, said: whether the agent was heard before its end, and how soon after it."""

    sentence: str
    cut_off: bool
    latency: float | None


def hesitations(folder: Path) -> list[Hesitation]:
    """All of them, levelled, as files in `folder`."""
    prompts = bring(PROMPTS).path / FOLDER
    pauses = cycle(PAUSES)
    made: list[Hesitation] = []
    for number, sentence in enumerate(SENTENCES + HELD_OUT):
        parts = [_part(part.split(), prompts) for part in sentence.split("|")]
        path = folder / f"hesitation-{number}.wav"
        write_wav(path, _with_pauses(parts, [next(pauses) for _ in parts[1:]]))
        made.append(Hesitation(sentence, path))
    for name in OWN_PAUSES:
        path = folder / f"{name}.wav"
        write_wav(path, _part([name], prompts))
        made.append(Hesitation(name, path))
    return made


def _part(names: Sequence[str], prompts: Path) -> Samples:
    """Recordings of words right after each other, without the silence around them."""
    gap = np.zeros(int(BETWEEN_WORDS * TELEPHONE_RATE), np.float32)
    words = [_trimmed(read_wav(prompts / f"{name}.wav")) for name in names]
    return np.concatenate([part for word in words for part in (word, gap)][:-1])


def _trimmed(samples: Samples) -> Samples:
    samples = samples * np.float32(0.4 / max(1e-6, float(np.abs(samples).max())))
    spans = talkspurts(samples, pause=0.1)
    first, last = spans[0].start, spans[-1].end
    return samples[max(0, round((first - 0.02) * TELEPHONE_RATE)) : round(last * TELEPHONE_RATE)]


def _with_pauses(parts: Sequence[Samples], pauses: Sequence[float]) -> Samples:
    whole = [parts[0]]
    for part, pause in zip(parts[1:], pauses, strict=True):
        whole += [np.zeros(int(pause * TELEPHONE_RATE), np.float32), part]
    return np.concatenate(whole)


async def hesitate(server: str, folder: Path, *, calls: int) -> list[Finished]:
    """`calls` callers beside each other say all of them."""
    found: list[Finished] = []
    ready = hesitations(folder)

    async def call(number: int) -> None:
        async with telephone(server, SCRIPTED, name=f"caller{number}") as caller:
            await caller.hears(after=0.0, within=6.0)
            for each in ready[number::calls]:
                found.append(await _hesitating(caller, each))

    await at_once(calls, call)
    return found


async def _hesitating(caller: Telephone, saying: Hesitation) -> Finished:
    said = await caller.says(saying.path, pause=LONGEST_PAUSE)
    heard = caller.heard.audio(said.start, said.end)
    cut_off = bool(talkspurts(heard, pause=0.1))
    answer = await caller.hears(after=said.end, within=6.0)
    latency = None if cut_off or answer is None else answer.start - said.end
    return Finished(saying.sentence, cut_off, latency)
