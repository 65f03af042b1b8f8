"""Speaks with Piper, as a program of its own: requests come by standard input, sound goes out.

Piper is free software under the GPL, version 3, so it stays in this process, which the gateway
talks to through two pipes and in a language of its own. A request is a line of JSON: `voice` (the
path of an .onnx file with its .json beside it), `text` and `length` (1.0 is the usual speed,
2.0 half of it). The answer is blocks: a kind, a number and a size (network byte order), and so
many bytes.
"""

import json
import os
import struct
import sys
from collections.abc import Iterator, Mapping
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from piper import PiperVoice

BLOCK = struct.Struct(">cII")


class Kind(Enum):
    """16-bit samples (the number is their rate), the end of an answer, or why there is none."""

    AUDIO = b"a"
    DONE = b"d"
    FAILED = b"f"


VOICES = 4
"""So many stay loaded."""
NICENESS = 5
"""How much nicer than the gateway's media clock this process is."""


def main() -> None:
    """Until standard input ends."""
    os.nice(NICENESS)
    out = sys.stdout.buffer
    # whatever else is written goes where it cannot be mistaken for sound
    sys.stdout = sys.stderr
    for line in sys.stdin.buffer:
        try:
            for block in speak(json.loads(line)):
                out.write(block)
                out.flush()
        except Exception as error:  # noqa: BLE001 - the gateway is told, whatever it is
            reason = type(error).__name__.encode()
            out.write(BLOCK.pack(Kind.FAILED.value, 0, len(reason)) + reason)
        else:
            out.write(BLOCK.pack(Kind.DONE.value, 0, 0))
        out.flush()


def speak(request: Mapping[str, str]) -> Iterator[bytes]:
    """A block for each sentence, as it is made."""
    from piper import SynthesisConfig

    how = SynthesisConfig(length_scale=float(request["length"]))
    for chunk in voice(request["voice"]).synthesize(request["text"], how):
        audio = chunk.audio_int16_bytes
        yield BLOCK.pack(Kind.AUDIO.value, chunk.sample_rate, len(audio)) + audio


@lru_cache(VOICES)
def voice(path: str) -> "PiperVoice":
    from piper import PiperVoice

    return PiperVoice.load(path)


if __name__ == "__main__":
    main()
