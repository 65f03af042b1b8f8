"""The call as it happens, for whoever sits at the terminal (or reads a log of it later)."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.status import Status
from rich.table import Table
from rich.text import Text

from gateway.demo.story import Speaker, Story, Turn
from gateway.demo.verify import Proof
from gateway.errors import GatewayError

STYLES = {Speaker.CALLER: "blue", Speaker.AGENT: "green", Speaker.PERSON: "magenta"}
TIME_WIDTH, NAME_WIDTH, LATENCY_WIDTH = 8, 6, 7
PLAIN_WIDTH = 1000
"""Columns where there is no terminal: one line per turn, for tools that read lines."""


class Watch:
    """Prints each thing once, when it is known; a terminal also sees what is awaited."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, soft_wrap=False)
        if not self._console.is_terminal:
            self._console.width = PLAIN_WIDTH
        self._status = Status("", console=self._console, spinner="dots")

    @contextmanager
    def showing(self) -> Iterator[None]:
        """Show what is awaited, inside the block."""
        with self._status:
            yield

    def title(self, text: str) -> None:
        self._console.print(f"\n[bold]{text}[/bold]\n")

    def awaiting(self, what: str) -> None:
        """What the show is waiting for now; it is gone with the next one."""
        self._status.update(f"[dim]{what}[/dim]")

    def say(self, line: str) -> None:
        """A remark of a part that is being set up."""
        self._console.print(Text(f"  {line}", "dim"))

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """A part that starts inside the block: printed, with its time, once it is there."""
        began = time.monotonic()
        yield
        self._row(f"{time.monotonic() - began:.1f} s", "ready", "", Text(name), "green")

    def happened(self, at: float, what: str) -> None:
        """Something that is no speech, `at` seconds into the call."""
        self._row(_clock(at), "", "", Text(what, "dim italic"), "dim")

    def spoken(self, turn: Turn) -> None:
        """Somebody said something."""
        latency = "" if turn.latency is None else f"+{turn.latency:.2f} s"
        self._row(_clock(turn.start), turn.speaker, latency, Text(turn.text), STYLES[turn.speaker])

    def proved(self, proof: Proof) -> None:
        """A step was found in a recording."""
        how = f"{proof.share:.0%} of the words"
        if proof.likeness is not None:
            how += f", voice {proof.likeness:.2f}"
        self._row("", "✓", "", Text.assemble(str(proof.step), (f"  {how}", "dim")), "green")

    def failed(self, error: GatewayError) -> None:
        line = Text.assemble(" " * (TIME_WIDTH + 2), ("✗  ", "bold red"), (str(error), "red"))
        self._console.print(line, soft_wrap=True)

    def finished(self, story: Story, folder: Path, seconds: float) -> None:
        answers = ", ".join(f"{latency:.2f} s" for latency in story.latencies)
        self._console.print(
            f"\n  Answers at the caller's ear after {answers}."
            f"\n  The whole demonstration took {seconds:.0f} s."
            f"\n  [bold]{folder}/[/bold]: call.wav, timeline.png, call.json, "
            "caller-heard.wav, person-heard.wav\n"
        )

    def gap(self) -> None:
        self._console.print()

    def _row(self, time: str, name: str, latency: str, text: Text, style: str) -> None:
        row = Table.grid(padding=(0, 2, 0, 0))
        row.add_column(width=TIME_WIDTH, justify="right", style="dim")
        row.add_column(width=NAME_WIDTH, style=style, no_wrap=True)
        row.add_column(width=LATENCY_WIDTH, style="bold yellow", no_wrap=True)
        row.add_column()
        row.add_row(time, name, latency, text)
        self._console.print(row)


def _clock(seconds: float) -> str:
    return f"{seconds:.1f} s"
