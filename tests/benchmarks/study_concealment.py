"""Packet loss as ears and a recogniser hear it: our concealment, repetition, silence, no loss.

    python -m tests.benchmarks.study_concealment

prints the table of docs/media.md. Prompts spoken by a person go through mu-law, frames of 20 ms
and a seeded network, then to PLCMOS (the mean opinion of listeners to concealed speech, 1 to 5)
and to the embedded speech-to-text. Half an hour of one core; --prompts and --seeds shorten it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import click
import jiwer
import numpy as np
from numpy.typing import NDArray
from speechmos.plcmos import PLCMOS

from gateway.lab.archive import PROMPTS, bring, cache_folder
from gateway.lab.sound import line_noise, read_wav
from gateway.providers.moonshine_decoder import RATE, MoonshineModel, greedy
from gateway.providers.moonshine_weights import prepare
from rtp.conceal import Concealer
from rtp.g711 import decode_mulaw, encode_mulaw
from rtp.resample import resample
from tests.emulator import Conditions, GilbertElliott, Network

Samples = NDArray[np.float32]
Losses = NDArray[np.bool_]
Method = Callable[[Samples, Losses], Samples]

WORDS = Path(__file__).with_name("data") / "prompts.tsv"
VOICE = Path("usr/share/asterisk/sounds/en_US_f_Allison")
PAUSE_SECONDS = 0.2
FRAME = 160
LOSS_RATES = (0.01, 0.03, 0.05, 0.10)
BURST = 3.0
NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
DIGITS = {str(digit): name for digit, name in enumerate(NAMES)}


# ---- what is done about a lost frame: (frames, 160) and which are lost, to what is heard


def silence(frames: Samples, lost: Losses) -> Samples:
    return np.where(lost[:, np.newaxis], np.float32(0), frames)


def repetition(frames: Samples, lost: Losses) -> Samples:
    """The last good frame again, as often as it takes."""
    last_good = np.maximum.accumulate(np.where(lost, 0, np.arange(len(frames))))
    repeated: Samples = frames[last_good]
    return repeated


def concealment(frames: Samples, lost: Losses) -> Samples:
    concealer, row = Concealer(1, 8000), np.zeros(1, np.intp)
    heard = [
        concealer.lost(row) if gone else concealer.good(row, frame[np.newaxis].copy())
        for frame, gone in zip(frames, lost, strict=True)
    ]
    return np.concatenate(heard)


METHODS: dict[str, Method] = {
    "silence": silence,
    "repetition": repetition,
    "ours": concealment,
}


# ---- what is said, and what is lost of it


@dataclass(frozen=True)
class Prompt:
    words: str
    frames: Samples


def prompts(limit: int) -> list[Prompt]:
    folder = bring(PROMPTS, click.echo).path / VOICE
    lines = [line for line in WORDS.read_text().splitlines() if not line.startswith("#")]
    named = (line.split("\t") for line in lines[:limit])
    return [Prompt(words, as_sent(read_wav(folder / f"{name}.wav"))) for name, words in named]


def as_sent(speech: Samples) -> Samples:
    """With a pause around it, the hiss of a line under it, and through mu-law: (frames, 160)."""
    pause = np.zeros(round(PAUSE_SECONDS * 8000), np.float32)
    spoken = np.concatenate((pause, speech, pause))
    spoken = np.pad(spoken, (0, -len(spoken) % FRAME))
    spoken += line_noise(len(spoken) / 8000 + 1)[: len(spoken)]
    return decode_mulaw(encode_mulaw(spoken)).reshape(-1, FRAME)


def losses(loss: GilbertElliott, frames: int, seed: int) -> Losses:
    network = Network(Conditions(loss=loss), seed)
    return np.array([not network.deliveries(0.0, b"") for _ in range(frames)])


# ---- the judges


class Judges:
    """Both want 16 kHz; both are fed whole utterances."""

    def __init__(self) -> None:
        self._listener = PLCMOS(embed_rounds=4)

    @cached_property
    def _recogniser(self) -> MoonshineModel:
        return MoonshineModel(prepare(cache_folder()))

    def opinion(self, heard: Samples) -> float:
        """PLCMOS; its raters are drawn anew each time, so they are seeded."""
        np.random.seed(0)
        wide = np.clip(resample(heard.reshape(-1), 8000, RATE), -1, 1)
        return float(self._listener.get_mos(wide))

    def words(self, heard: Samples) -> str:
        wide = resample(heard.reshape(-1), 8000, RATE)
        return normalised(greedy(self._recogniser, wide, speech_is_certain=True).text)


def normalised(text: str) -> str:
    """Lower case, digits as words, no punctuation but apostrophes."""
    spelled = "".join(f" {DIGITS[letter]} " if letter in DIGITS else letter for letter in text)
    kept = (letter if letter.isalpha() or letter == "'" else " " for letter in spelled.lower())
    return " ".join("".join(kept).split())


@dataclass(frozen=True)
class Verdict:
    opinion: float
    word_errors: float

    def __str__(self) -> str:
        return f"{self.opinion:.2f} · {100 * self.word_errors:.1f} %"


def judge(judges: Judges, spoken: list[Prompt], heard: list[Samples]) -> Verdict:
    opinions = [judges.opinion(samples) for samples in heard]
    understood = [judges.words(samples) for samples in heard]
    return Verdict(
        float(np.mean(opinions)), float(jiwer.wer([each.words for each in spoken], understood))
    )


# ---- the study


def conditions() -> Iterator[tuple[str, GilbertElliott]]:
    for rate in LOSS_RATES:
        yield f"{rate:.0%} random", GilbertElliott.random(rate)
    for rate in LOSS_RATES:
        yield f"{rate:.0%} bursty", GilbertElliott.bursty(rate, BURST)


@click.command(help=__doc__)
@click.option("--prompts", "limit", default=129, help="Use only so many prompts.")
@click.option("--seeds", default=1, help="Lose frames in so many different ways.")
def main(limit: int, seeds: int) -> None:
    judges = Judges()
    spoken = prompts(limit) * seeds
    click.echo(f"| PLCMOS · word errors | {' | '.join(METHODS)} |")
    click.echo("| --- |" + " --- |" * len(METHODS))
    whole = judge(judges, spoken[:limit], [prompt.frames for prompt in spoken[:limit]])
    click.echo(f"| no loss |{f' {whole} |' * len(METHODS)}")
    for name, loss in conditions():
        patterns = [losses(loss, len(each.frames), seed) for seed, each in enumerate(spoken)]
        verdicts = [
            judge(
                judges,
                spoken,
                [method(each.frames, lost) for each, lost in zip(spoken, patterns, strict=True)],
            )
            for method in METHODS.values()
        ]
        click.echo(f"| {name} | {' | '.join(map(str, verdicts))} |")


if __name__ == "__main__":
    main()
