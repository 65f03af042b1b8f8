"""A model for Vosk that is made here: real files in Kaldi's formats, which know two words.

Speech is a tone: a deep one is "low", a bright one "high". One layer takes the cepstrum of a frame
to how likely it belongs to silence or to either word; the graph lets words follow each other.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

WORDS = ("low", "high")
MELS = 40
PHONES = (1, 2, 3)
"""Silence, then one phone for each word; each has one state and a distribution of its own."""
LOUD = 0.0
"""The zeroth cepstrum from which on a frame is no silence."""
WORD_COST = 8.0
"""Of each word in the graph, so that a tone is not said over and over."""
FST_MAGIC = 2125659606

MFCC = f"""--sample-frequency=16000
--use-energy=false
--dither=0
--num-mel-bins={MELS}
--num-ceps={MELS}
--cepstral-lifter=0
--low-freq=20
--high-freq=7600
"""
DECODING = """--beam=10.0
--lattice-beam=2.0
--acoustic-scale=1.0
--frame-subsampling-factor=1
--endpoint.silence-phones=1
--endpoint.rule2.min-trailing-silence=0.5
--endpoint.rule3.min-trailing-silence=0.75
--endpoint.rule4.min-trailing-silence=1.0
"""
"""As in the models that Vosk's authors offer."""


def make(folder: Path) -> Path:
    """The files of the model, below `folder`."""
    for part in ("am", "conf", "graph"):
        (folder / part).mkdir(parents=True)
    (folder / "conf" / "mfcc.conf").write_text(MFCC, "utf-8")
    (folder / "conf" / "model.conf").write_text(DECODING, "utf-8")
    (folder / "am" / "final.mdl").write_text(_transitions() + _network(), "utf-8")
    (folder / "graph" / "HCLG.fst").write_bytes(_graph())
    names = ("<eps>", *WORDS)
    table = "".join(f"{name} {number}\n" for number, name in enumerate(names))
    (folder / "graph" / "words.txt").write_text(table, "utf-8")
    return folder


# --- the acoustic model -------------------------------------------------------------------------


def _transitions() -> str:
    """Kaldi's TransitionModel: every state is left or kept with the same probability."""
    phones = " ".join(map(str, PHONES))
    triples = "".join(f"{phone} 0 {phone - 1} \n" for phone in PHONES)
    log_probs = "0 " + "-0.693147 " * (2 * len(PHONES))
    return (
        "<TransitionModel> \n<Topology> \n<TopologyEntry> \n"
        f"<ForPhones> \n{phones} \n</ForPhones> \n"
        "<State> 0 <PdfClass> 0 <Transition> 0 0.5 <Transition> 1 0.5 </State> \n"
        "<State> 1 </State> \n</TopologyEntry> \n</Topology> \n"
        f"<Triples> {len(PHONES)} \n{triples}</Triples> \n"
        f"<LogProbs> \n [ {log_probs}]\n</LogProbs> \n</TransitionModel> \n"
    )


def _network() -> str:
    """Kaldi's nnet3: silence is 0, a word its loudness, and for or against it how deep it is."""
    rest = [0.0] * (MELS - 2)
    rows = ([0.0, 0.0, *rest], [1.0, 1.0, *rest], [1.0, -1.0, *rest])
    bias = (0.0, -LOUD, -LOUD)
    matrix = "\n".join("  " + _numbers(row) for row in rows)
    return (
        "<Nnet3> \n"
        f"input-node name=input dim={MELS}\n"
        "component-node name=output.affine component=output.affine input=input\n"
        "output-node name=output input=output.affine objective=linear\n"
        "\n"
        "<NumComponents> 1 \n<ComponentName> output.affine <FixedAffineComponent> "
        f"<LinearParams>  [\n{matrix} ]\n<BiasParams>  [ {_numbers(bias)} ]\n"
        "</FixedAffineComponent> \n</Nnet3> \n"
        "<LeftContext> 0 <RightContext> 0 <Priors>  [ ]\n"
    )


def _numbers(values: Sequence[float]) -> str:
    return " ".join(map(str, values))


# --- the graph ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Arc:
    transition: int
    word: int
    cost: float
    to: int


def _graph() -> bytes:
    """A VectorFst of OpenFst: from the first state through a phone's own and back to the first."""
    entries = [_Arc(2 * phone, phone - 1, WORD_COST * (phone > 1), phone) for phone in PHONES]
    states = [
        entries,
        *([_Arc(2 * phone - 1, 0, 0.0, phone), _Arc(0, 0, 0.0, 0)] for phone in PHONES),
    ]
    arcs = sum(map(len, states))
    header = struct.pack("<i", FST_MAGIC) + _text("vector") + _text("standard")
    header += struct.pack("<iiQqqq", 2, 0, 0, 0, len(states), arcs)
    return header + b"".join(_state(number, each) for number, each in enumerate(states))


def _state(number: int, arcs: Sequence[_Arc]) -> bytes:
    final = 0.0 if number == 0 else float("inf")
    packed = (struct.pack("<iifi", a.transition, a.word, a.cost, a.to) for a in arcs)
    return struct.pack("<fq", final, len(arcs)) + b"".join(packed)


def _text(name: str) -> bytes:
    return struct.pack("<i", len(name)) + name.encode()
