"""Moonshine's decoding loop: audio in, token by token, words out. Pure computation, no clock.

The model (arXiv 2410.15608) reads 16 kHz audio and writes text with case and punctuation. It
was trained on sentences, and tends to answer an isolated word ("yes") with nothing at all.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gateway.providers.base import Samples
from gateway.providers.inference import Graph, Tensor
from gateway.providers.moonshine_weights import RESULT, MoonshineFiles

RATE = 16_000
START, END = 1, 2
TOKENS_PER_SECOND = 6.5
SPARE_TOKENS = 6
SHORTEST = RATE // 10
"""Below this many samples the encoder's convolutions have nothing to work on."""
CERTAIN_END = 0.9
"""If a detector heard speech, only this probability of an immediate end says that it was none.

Measured: isolated words at 8 dB and above stay below 0.55; coughs, breath, clicks, tones and
silence are above 0.93, music above 0.59.
"""
INVENTED = frozenset({"you", "and", "thank you", "♪", "♪♪♪"})
INVENTED_BELOW = 0.6
"""What the model writes for music and noise, and the confidence it then stays below."""
LOOPS = {1: 6, 2: 6, 3: 6, 4: 6} | dict.fromkeys(range(5, 33), 3)
"""So many turns of so many tokens are a loop of the decoder; people do say "four four four"."""

Logits = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What was understood. `log_probability` sums over `tokens` tokens, the end included."""

    text: str
    log_probability: float
    tokens: int

    @property
    def confidence(self) -> float:
        """Geometric mean of the tokens' probabilities, 0…1."""
        return float(np.exp(self.log_probability / max(self.tokens, 1)))

    def followed_by(self, later: "Hypothesis") -> "Hypothesis":
        """Both as one, in this order."""
        return Hypothesis(
            f"{self.text} {later.text}".strip(),
            self.log_probability + later.log_probability,
            self.tokens + later.tokens,
        )


NOTHING = Hypothesis("", 0.0, 0)


@dataclass(frozen=True, slots=True)
class Step:
    """The decoder after some tokens: scores of the next one, and what it remembers."""

    logits: Logits
    memory: Mapping[str, Tensor]


class MoonshineModel:
    """The prepared graphs. Safe to use from many threads at once: all state is in the steps."""

    def __init__(self, files: MoonshineFiles) -> None:
        self.vocabulary = read_vocabulary(files.tokenizer)
        self.numbers = {token: n for n, token in reversed(list(enumerate(self.vocabulary)))}
        self._encoder = Graph(files.encoder)
        self._first = Graph(files.first)
        self._following = Graph(files.following)

    def start(self, samples: Samples) -> Step:
        """Encode the audio and score the first token."""
        (hidden,) = self._encoder.run({"input_values": samples[np.newaxis, :]})
        return _advance(self._first, START, {"encoder_hidden_states": hidden})

    def follow(self, step: Step, token: int) -> Step:
        """Take `token` and score the next one."""
        return _advance(self._following, token, step.memory)

    def text(self, tokens: list[int]) -> str:
        return b"".join(self.vocabulary[token] for token in tokens).decode(errors="ignore").strip()


def greedy(model: MoonshineModel, samples: Samples, *, speech_is_certain: bool) -> Hypothesis:
    """What was said in `samples`; see `decode_freely`."""
    if len(samples) < SHORTEST:
        return NOTHING
    limit = token_limit(samples)
    return decode_freely(model, model.start(samples), limit, speech_is_certain=speech_is_certain)


def decode_freely(
    model: MoonshineModel,
    step: Step,
    limit: int,
    *,
    speech_is_certain: bool,
    wanted: Callable[[], bool] = lambda: True,
) -> Hypothesis:
    """The likeliest token at every step, at most `limit` of them, from the first `step` on.

    Gives up, with what it has, once it is not `wanted`.
    """
    tokens: list[int] = []
    total = 0.0
    for position in range(limit):
        scores = log_softmax(step.logits)
        if position == 0 and speech_is_certain and scores[END] < np.log(CERTAIN_END):
            scores[END] = -np.inf
        token = int(scores.argmax())
        total += float(scores[token])
        if token == END or not wanted():
            break
        tokens.append(token)
        if (length := loop_length(tokens)) > 0:
            del tokens[len(tokens) - length * (LOOPS[length] - 1) :]
            break
        step = model.follow(step, token)
    heard = Hypothesis(model.text(tokens), total, len(tokens) + 1)
    return NOTHING if is_invented(heard) else heard


def loop_length(tokens: Sequence[int]) -> int:
    """How many tokens go round at the end of `tokens`; 0 if none do."""
    for length, turns in LOOPS.items():
        tail = tokens[-length * turns :]
        if len(tail) == length * turns and tail[length:] == tail[:-length]:
            return length
    return 0


def is_invented(heard: Hypothesis) -> bool:
    """Whether `heard` is one of the model's words for no words."""
    bare = heard.text.strip(" .,!?").lower()
    return bare in INVENTED and heard.confidence < INVENTED_BELOW


def token_limit(samples: Samples) -> int:
    """More tokens than anyone can say in this time: stops the model when it repeats itself."""
    return int(len(samples) / RATE * TOKENS_PER_SECOND) + SPARE_TOKENS


def log_softmax(logits: Logits) -> NDArray[np.float32]:
    shifted = logits - logits.max()
    scores: NDArray[np.float32] = shifted - np.log(np.exp(shifted).sum())
    return scores


def read_vocabulary(file: Path) -> list[bytes]:
    """The bytes of each token, by number; control tokens are empty.

    The file is a row of length-prefixed strings: one byte of length, or, from 128 on, the low
    seven bits in it and the high ones in the next. U+2581 stands for a space, `<0xNN>` for a byte.
    """
    return [_token_bytes(entry) for entry in _entries(file.read_bytes())]


def _entries(content: bytes) -> Iterator[bytes]:
    position = 0
    while position < len(content):
        length = content[position]
        position += 1
        if length >= 128:
            length += content[position] * 128 - 128
            position += 1
        yield content[position : position + length]
        position += length


def _token_bytes(entry: bytes) -> bytes:
    if byte := re.fullmatch(rb"<0x([0-9A-F]{2})>", entry):
        return bytes.fromhex(byte[1].decode())
    if entry.startswith(b"<") and entry.endswith(b">"):
        return b""
    return entry.replace("\u2581".encode(), b" ")


def _advance(graph: Graph, token: int, memory: Mapping[str, Tensor]) -> Step:
    feeds: dict[str, Tensor] = {"input_ids": np.array([[token]], np.int64)}
    feeds |= {name: memory[name] for name in graph.inputs if name in memory}
    results = dict(zip(graph.outputs, graph.run(feeds), strict=True))
    logits = results.pop("logits" + RESULT)[0, -1]
    grown = {_remembered_as(name): value for name, value in results.items()}
    return Step(logits, {**memory, **grown})


def _remembered_as(output: str) -> str:
    """present.0.decoder.key.result is fed back as past_key_values.0.decoder.key."""
    return output.removesuffix(RESULT).replace("present", "past_key_values", 1)
