"""Ends of turns without a phone: whom the machine cuts off, and how long it lets others wait.

    python -m tests.benchmarks.study_turns [--sound] [--each-alone]

Recorded sentences go through mu-law, the detector and the embedded recogniser that a gateway
uses, and through the turn machine, in the time of the recording; the text of a pause comes
`TEXT_AFTER` later. Callers say many sentences each, so their pauses are learnt; with
`--each-alone` nobody knows the caller yet. `--sound` gives smart-turn its vote. Two minutes.
"""

import asyncio
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import click
import numpy as np

from gateway.app import VAD_MODEL
from gateway.conversation.activity import FRAME_SECONDS
from gateway.conversation.listening import PREROLL_SECONDS
from gateway.conversation.turn import Agent, Onset, TurnMachine, TurnOver, WantText
from gateway.demo.talkspurts import Samples, talkspurts
from gateway.lab.archive import cache_folder
from gateway.lab.sound import TELEPHONE_RATE, line_noise, read_wav
from gateway.lab.speech import Kind, of_kind
from gateway.providers.moonshine_decoder import RATE, MoonshineModel, greedy
from gateway.providers.moonshine_weights import prepare
from gateway.providers.smart_turn import SmartTurn
from gateway.providers.weights import verified
from rtp.g711 import decode_mulaw, encode_mulaw
from rtp.resample import StreamResampler
from rtp.vad import FRAME, SpeechDetector
from tests.benchmarks import hesitations, running_speech
from tests.benchmarks.telephones import levelled

TEXT_AFTER = 0.1
LEAD, TAIL = 0.6, 4.0
"""Seconds of quiet line before and behind the speech."""
WIDE_FRAME = round(RATE * FRAME_SECONDS)
ANSWERED = 1.0
"""So long the agent would speak now if it had taken the turn to be over."""
CALLERS = 3
GAP = 60.0


@dataclass(frozen=True, slots=True)
class Judged:
    """One sentence: the text at which the agent would have spoken too early, or the seconds
    between its end and the decision."""

    sentence: str
    cut_at: str | None
    wait: float | None


class Recording:
    """A sentence as it comes out of the line; `end` is its last sound."""

    def __init__(self, sentence: str, said: Samples) -> None:
        quiet = [np.zeros(round(each * TELEPHONE_RATE), np.float32) for each in (LEAD, TAIL)]
        line = np.concatenate((quiet[0], said, quiet[1]))
        line = np.pad(line, (0, -len(line) % FRAME))
        line += line_noise(len(line) / TELEPHONE_RATE + 1)[: len(line)]
        self.sentence = sentence
        self.frames = decode_mulaw(encode_mulaw(line)).reshape(-1, 1, FRAME)
        self.end = talkspurts(self.frames.reshape(-1), pause=0.1)[-1].end

    @cached_property
    def wide(self) -> Samples:
        return StreamResampler(TELEPHONE_RATE, RATE).push(self.frames.reshape(-1))

    @cached_property
    def speech(self) -> Sequence[float]:
        detector, row = SpeechDetector(1, verified(VAD_MODEL)), np.array([0])
        detector.reset(0)
        found: list[float] = []
        for frame in self.frames:
            detector.process(row, frame)
            found.append(float(detector.probability[0]))
        return found


class Ears:
    """The recogniser, and smart-turn where it is wanted."""

    def __init__(self, *, sound: bool) -> None:
        self._model = MoonshineModel(prepare(cache_folder()))
        self._sense = SmartTurn() if sound else None

    def read(self, samples: Samples) -> str:
        return greedy(self._model, samples, speech_is_certain=True).text

    async def finished(self, samples: Samples) -> float | None:
        return None if self._sense is None else await self._sense.finished(samples)


async def judge(recording: Recording, machine: TurnMachine, ears: Ears, began: float) -> Judged:
    """Play it to `machine`, whose clock stands at `began`."""
    over: list[tuple[float, TurnOver]] = []
    text, due, since = "", None, 0
    for number, speech in enumerate(recording.speech, 1):
        time = number * FRAME_SECONDS
        answering = bool(over) and time < over[-1][0] + ANSWERED
        machine.agent(Agent.SPEAKING if answering else Agent.SILENT)
        events = machine.tick(began + time, speech)
        if due is not None and time >= due + TEXT_AFTER:
            events += machine.hear_text(began + time, text, began + due)
            due = None
        for event in events:
            match event:
                case Onset(at):
                    since = max(0, round((at - began - PREROLL_SECONDS) / FRAME_SECONDS))
                case WantText():
                    heard = recording.wide[since * WIDE_FRAME : number * WIDE_FRAME]
                    text, due = ears.read(heard), time
                    if (finished := await ears.finished(heard)) is not None:
                        machine.hear_sound(finished, began + time)
                case TurnOver():
                    over.append((time, event))
                case _:
                    pass
    if over and over[0][0] < recording.end:
        return Judged(recording.sentence, over[0][1].text, None)
    return Judged(recording.sentence, None, over[0][0] - recording.end if over else None)


async def study(recordings: Sequence[Recording], ears: Ears, callers: int) -> list[Judged]:
    """`callers` say them in turn, one after the other."""
    found: list[Judged] = []
    for caller in range(callers):
        machine = TurnMachine()
        for number, recording in enumerate(recordings[caller::callers]):
            found.append(await judge(recording, machine, ears, number * GAP))
    return found


def show(name: str, found: Iterable[Judged]) -> None:
    judged = list(found)
    cut = [each for each in judged if each.cut_at is not None]
    waits = [each.wait * 1000 for each in judged if each.wait is not None]
    p50, p95 = np.percentile(waits, (50, 95))
    click.echo(
        f"{name}: {len(judged)} sentences, {len(cut)} cut off ({len(cut) / len(judged):.1%}); "
        f"decided {p50:.0f} ms (p95 {p95:.0f}) after the end"
    )
    for each in cut:
        click.echo(f"    {each.sentence}: “{each.cut_at}”")


@click.command()
@click.option("--sound", is_flag=True, help="Let smart-turn vote.")
@click.option("--each-alone", is_flag=True, help="Every sentence by somebody who is not known.")
def main(*, sound: bool, each_alone: bool) -> None:
    """Print how many are cut off, and at what, and how long the others wait."""
    ears = Ears(sound=sound)

    def judged(said: Iterable[tuple[str, Samples]]) -> list[Judged]:
        recordings = [Recording(sentence, samples) for sentence, samples in said]
        callers = len(recordings) if each_alone else CALLERS
        return asyncio.run(study(recordings, ears, callers))

    with tempfile.TemporaryDirectory() as folder:
        pausing = [
            (each.sentence, read_wav(each.path)) for each in hesitations.hesitations(Path(folder))
        ]
        whole = [
            (prompt.name, read_wav(prompt.path))
            for prompt in levelled(Path(folder))
            if "." not in prompt.text[:-1]
        ]
    found = judged(pausing)
    held_out = [each for each in found if each.sentence in hesitations.HELD_OUT]
    show("parts with pauses", found)
    show("  of these, held out", held_out)
    found = judged(running_speech.running_speech())
    show("running speech, cut open", found)
    show("  of these, held out", (e for e in found if e.sentence in running_speech.HELD_OUT))
    show("whole sentences, a human voice", judged(whole))
    questions = [(each.name, each.audio) for each in of_kind(Kind.QUESTION) if not each.pauses]
    show("questions, synthetic voices", judged(questions))


if __name__ == "__main__":
    main()
