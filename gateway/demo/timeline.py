"""The call as a picture: both voices over time, what was said, how long each answer took."""

import textwrap
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from gateway.demo.story import Speaker, Story, Transfer, Turn
from gateway.demo.talkspurts import RATE, Samples
from gateway.demo.tones import without_tones

INCHES_PER_SECOND = 0.52
NARROWEST, HEIGHT = 12.0, 5.4
MARGIN_LEFT, MARGIN_RIGHT = 1.15, 0.35
"""Inches, so that one second is as wide in a short call as in a long one."""
CHARACTERS_PER_SECOND = INCHES_PER_SECOND / 0.062
"""How much text of SIZE fits beside each other."""
SIZE = 8.5
BUCKET = RATE // 50
"""Samples that become one step of the drawn waveform (20 ms)."""

INK, FAINT, PAPER, MARK, RINGING = "#1f2430", "#6b7585", "#ffffff", "#c2410c", "#b9b3c4"
COLOURS = {Speaker.CALLER: "#2563a8", Speaker.AGENT: "#0f8a75", Speaker.PERSON: "#8b4aa8"}
NAMES = {Speaker.CALLER: "Caller", Speaker.AGENT: "AI agent", Speaker.PERSON: "Person"}


@dataclass(frozen=True, slots=True)
class Lane:
    """One side of the line, drawn around `centre`; its texts begin at `text` and grow away."""

    centre: float
    text: float
    alignment: str


UPPER, LOWER = Lane(1.0, 1.95, "bottom"), Lane(-1.0, -1.95, "top")
TOP = 3.35
REACH, LOUDEST = 0.82, 0.3
"""Half the height of a lane's waveform, which speech of this amplitude fills."""


def draw(story: Story, caller: Samples, agent: Samples, path: Path) -> None:
    """Write the picture of `story` to `path` (PNG). Both sides of the line at 8 kHz from 0 s on."""
    seconds = max(story.ended, len(caller) / RATE, len(agent) / RATE) + 0.4
    width = max(NARROWEST, seconds * INCHES_PER_SECOND + MARGIN_LEFT + MARGIN_RIGHT)
    figure = Figure(figsize=(width, HEIGHT), facecolor=PAPER)
    axes = figure.add_axes(
        (MARGIN_LEFT / width, 0.1, 1 - (MARGIN_LEFT + MARGIN_RIGHT) / width, 0.76)
    )
    _frame(axes, seconds)
    _title(figure, story, MARGIN_LEFT / width)
    _transfer(axes, story.transfer)
    _waveforms(axes, story, caller, agent)
    for turn in story.turns:
        _text(axes, turn)
    for turn in story.turns:
        if turn.latency is not None:
            _latency(axes, turn.start, turn.latency)
    figure.savefig(path, dpi=130)


def _frame(axes: Axes, seconds: float) -> None:
    axes.set_xlim(-0.15, seconds)
    axes.set_ylim(-3.1, TOP + 0.05)
    axes.set_yticks([])
    axes.set_xticks(np.arange(0, seconds, 5))
    axes.set_xticks(np.arange(0, seconds, 1), minor=True)
    axes.tick_params(axis="x", colors=FAINT, labelsize=SIZE)
    axes.tick_params(axis="x", which="minor", color="#d8dce3", length=2)
    axes.xaxis.set_major_formatter(lambda value, _position: f"{value:.0f} s")
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color("#d8dce3")
    for lane in (UPPER, LOWER):
        axes.axhline(lane.centre, color="#e4e7ec", linewidth=0.8, zorder=1)


def _title(figure: Figure, story: Story, left: float) -> None:
    answers = ", ".join(f"{latency:.2f} s" for latency in story.latencies)
    figure.text(
        left, 0.94, "One call through a real Asterisk", color=INK, fontsize=14, fontweight="bold"
    )
    figure.text(
        left,
        0.892,
        f"{story.number} · profile {story.profile} · {story.ended:.1f} s · "
        f"end of speech to first word of the answer, at the caller's ear: {answers}",
        color=FAINT,
        fontsize=10,
    )


def _waveforms(axes: Axes, story: Story, caller: Samples, agent: Samples) -> None:
    handed_over = round(story.transfer.answered * RATE)
    speech = without_tones(agent[:handed_over])
    _waveform(axes, caller, UPPER, COLOURS[Speaker.CALLER])
    _waveform(axes, agent[:handed_over] - speech, LOWER, RINGING)
    _waveform(axes, speech, LOWER, COLOURS[Speaker.AGENT])
    _waveform(
        axes, agent[handed_over:], LOWER, COLOURS[Speaker.PERSON], begin=story.transfer.answered
    )
    _name(axes, UPPER, Speaker.CALLER)
    _name(axes, LOWER, Speaker.AGENT)


def _name(axes: Axes, lane: Lane, speaker: Speaker) -> None:
    axes.text(
        -0.012,
        lane.centre,
        NAMES[speaker],
        transform=axes.get_yaxis_transform(),
        ha="right",
        va="center",
        color=COLOURS[speaker],
        fontsize=10.5,
        fontweight="bold",
    )


def _waveform(axes: Axes, samples: Samples, lane: Lane, colour: str, *, begin: float = 0.0) -> None:
    peaks = _peaks(samples)
    # The square root lifts soft speech into sight, as the ear does.
    height = REACH * np.sqrt(peaks / max(float(peaks.max(initial=0.0)), LOUDEST))
    axes.fill_between(
        begin + np.arange(len(peaks)) * BUCKET / RATE,
        lane.centre - height,
        lane.centre + height,
        where=peaks > 0,
        color=colour,
        linewidth=0,
        zorder=3,
    )


def _peaks(samples: Samples) -> NDArray[np.float32]:
    """The loudest sample of every bucket; where there is only line noise nothing is drawn."""
    whole = np.pad(samples, (0, -len(samples) % BUCKET))
    peaks: NDArray[np.float32] = np.abs(whole.reshape(-1, BUCKET)).max(axis=1)
    return np.where(peaks > 0.004, peaks, 0.0).astype(np.float32)


def _text(axes: Axes, turn: Turn) -> None:
    lane = UPPER if turn.speaker is Speaker.CALLER else LOWER
    width = max(16, int((turn.end - turn.start) * CHARACTERS_PER_SECOND))
    axes.text(
        turn.start,
        lane.text,
        "\n".join(textwrap.wrap(turn.text, width)),
        ha="left",
        va=lane.alignment,
        color=COLOURS[turn.speaker],
        fontsize=SIZE,
        linespacing=1.25,
        zorder=5,
    )


def _latency(axes: Axes, answered: float, latency: float) -> None:
    """A bracket from the end of the question to the first sound of the answer."""
    asked = answered - latency
    axes.axvspan(asked, answered, 0.19, 0.78, color=MARK, alpha=0.08, linewidth=0, zorder=0)
    for time in (asked, answered):
        axes.plot([time, time], [-0.14, 0.14], color=MARK, linewidth=1.2, zorder=6)
    axes.plot([asked, answered], [0, 0], color=MARK, linewidth=1.2, zorder=6)
    axes.text(
        answered + 0.12,
        0.0,
        f"{latency:.2f} s",
        ha="left",
        va="center",
        color=MARK,
        fontsize=9.5,
        fontweight="bold",
        zorder=7,
    )


def _transfer(axes: Axes, transfer: Transfer) -> None:
    """While it rings, and from when on the caller talks to a person."""
    axes.axvspan(transfer.ringing, transfer.answered, color="#f1eef6", linewidth=0, zorder=0)
    axes.axvline(transfer.answered, color=COLOURS[Speaker.PERSON], linewidth=1.4, zorder=4)
    # On both sides of the one line, so that they are apart however short it rang.
    labels = (
        (-0.12, "right", f"{transfer.to} rings", FAINT),
        (0.12, "left", "put through to a person", COLOURS[Speaker.PERSON]),
    )
    for aside, align, text, colour in labels:
        time = transfer.answered + aside
        axes.text(time, TOP, text, ha=align, va="top", color=colour, fontsize=9, fontweight="bold")
