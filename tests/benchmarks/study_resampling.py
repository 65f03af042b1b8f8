"""The resampler by sweep: what it does to every tone, as a table and a picture.

    python -m tests.benchmarks.study_resampling

writes docs/images/resampling.png and prints the table of docs/media.md. A minute of one core.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import click
import matplotlib as mpl
import numpy as np
from matplotlib import pyplot
from matplotlib.axes import Axes
from numpy.typing import NDArray

from rtp.resample import Resampler

Samples = NDArray[np.float64]

Converter = Callable[[Samples, int, int], Samples]

PICTURE = Path(__file__).parents[2] / "docs" / "images" / "resampling.png"
PAIRS = [(8000, 16000), (16000, 8000), (22050, 8000), (24000, 8000), (48000, 8000)]
SECONDS = 0.6
STEP = 25.0
PASS_BAND = 3400.0
FLOOR = -120.0


def resampled(tone: Samples, from_rate: int, to_rate: int) -> Samples:
    """`tone` through the streaming resampler, 20 ms at a time, without its first 40 ms."""
    resampler = Resampler(1, from_rate, to_rate)
    row = np.zeros(1, np.intp)
    frames = tone.astype(np.float32).reshape(-1, 1, from_rate // 50)
    output = np.concatenate([resampler.process(row, frame)[0] for frame in frames])
    return output[to_rate // 25 :].astype(np.float64)


def interpolated(tone: Samples, from_rate: int, to_rate: int) -> Samples:
    """The same by linear interpolation, which is what many gateways do."""
    output = np.arange(int(len(tone) * to_rate / from_rate)) / to_rate
    return np.interp(output, np.arange(len(tone)) / from_rate, tone)[to_rate // 25 :]


def levels(output: Samples, frequency: float, rate: int) -> tuple[float, float]:
    """The level of the tone itself and of the strongest other one, in dB of the tone sent."""
    wanted = 0.0
    if frequency < rate / 2:
        time = np.arange(len(output)) / rate
        basis = np.exp(2j * np.pi * frequency * time)
        weight, *_ = np.linalg.lstsq(np.stack([basis.real, basis.imag]).T, output, rcond=None)
        wanted = float(np.hypot(*weight))
        output = output - weight @ np.stack([basis.real, basis.imag])
    window = np.kaiser(len(output), 14)
    other = float(np.abs(np.fft.rfft(output * window)).max() * 2 / window.sum())
    return decibels(wanted), decibels(other)


def decibels(amplitude: float) -> float:
    return max(20 * float(np.log10(max(amplitude, 1e-12))), FLOOR)


def sweep(convert: Converter, from_rate: int, to_rate: int) -> Samples:
    """(frequencies, 3): the tone sent in Hz, its own level and the strongest other in dB."""
    time = np.arange(round(SECONDS * from_rate)) / from_rate
    rows = []
    grid = np.append(np.arange(STEP / 2, from_rate / 2, STEP), PASS_BAND)
    for frequency in np.sort(grid):
        output = convert(np.sin(2 * np.pi * frequency * time), from_rate, to_rate)
        rows.append((frequency, *levels(output, frequency, to_rate)))
    return np.array(rows)


def table_row(from_rate: int, to_rate: int, swept: Samples) -> str:
    frequency, wanted, other = swept.T
    inside, beyond = frequency <= PASS_BAND, frequency >= min(from_rate, to_rate) / 2
    ripple = f"{wanted[inside].min():+.3f} … {wanted[inside].max():+.3f} dB"
    image = f"{other[~beyond].max():.1f} dB"
    alias = f"{other[beyond].max():.1f} dB" if beyond.any() else "none possible"
    delay = f"{Resampler(1, from_rate, to_rate).delay * 1000:.2f} ms"
    return f"| {from_rate} → {to_rate} Hz | {ripple} | {image} | {alias} | {delay} |"


def draw(axes: Axes, title: str, curves: Mapping[str, Samples]) -> None:
    for (name, swept), colour in zip(curves.items(), ("tab:red", "tab:blue"), strict=False):
        frequency, wanted, other = swept.T
        heard = wanted > FLOOR
        axes.plot(frequency[heard], wanted[heard], colour, label=f"{name}: the tone")
        axes.plot(frequency, other, colour, linestyle=":", label=f"{name}: anything else")
    axes.axvline(PASS_BAND, color="grey", linewidth=0.5)
    axes.axhline(-80, color="grey", linewidth=0.5)
    axes.set(title=title, xlabel="tone sent, Hz", ylim=(FLOOR, 5), ylabel="level, dB")


@click.command(help=__doc__)
def main() -> None:
    mpl.use("agg")
    figure, axes = pyplot.subplots(2, 3, figsize=(15, 8), constrained_layout=True)
    *panels, closer = axes.flat
    click.echo(
        "| pair | up to 3.4 kHz | images | aliases | delay |\n| --- | --- | --- | --- | --- |"
    )
    for panel, (from_rate, to_rate) in zip(panels, PAIRS, strict=True):
        ours = sweep(resampled, from_rate, to_rate)
        naive = sweep(interpolated, from_rate, to_rate)
        click.echo(table_row(from_rate, to_rate, ours))
        curves = {"linear interpolation": naive, "ours": ours}
        draw(panel, f"{from_rate} to {to_rate} Hz", curves)
        if panel is panels[0]:
            draw(closer, "8000 to 16000 Hz, closer", curves)
    closer.set(ylim=(-1, 0.2), xlim=(0, 4000))
    panels[0].legend()
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(PICTURE, dpi=80)


if __name__ == "__main__":
    main()
