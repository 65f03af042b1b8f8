"""What the demonstration leaves behind: the call as sound, picture and data."""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from gateway.demo.errors import PartFailed, Step
from gateway.demo.script import PERSON_EXTENSION, Script
from gateway.demo.stage import CALLER
from gateway.demo.story import Story
from gateway.demo.talkspurts import Samples
from gateway.demo.verify import (
    CALLER_HEARD,
    PERSON_HEARD,
    Proof,
    Recognise,
    Recordings,
    verify,
)
from gateway.lab.sound import read_wav, write_wav
from gateway.providers.base import Json

CALL, LINE, PICTURE = "call.json", "call.wav", "timeline.png"
FILES = (CALL, LINE, PICTURE, CALLER_HEARD, PERSON_HEARD)
FOLDERS = ("gateway", "phones")

if find_spec("matplotlib") is None:
    # Known now, not after a whole call.
    raise ModuleNotFoundError("No module named 'matplotlib'", name="matplotlib")


@dataclass(slots=True)
class Results:
    """The files of one call in `folder`; what an earlier call left there is removed first."""

    folder: Path
    proofs: list[Proof] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            (self.folder / name).unlink(missing_ok=True)
        for name in FOLDERS:
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def keep_recordings(self, phones: Path) -> None:
        """What the phones recorded, under the names people look for."""
        kept = (
            (Step.CALLER_HEARS_PERSON, CALLER, CALLER_HEARD),
            (Step.PERSON_HEARS_CALLER, PERSON_EXTENSION, PERSON_HEARD),
        )
        for step, phone, name in kept:
            try:
                shutil.copy(phones / f"{phone}-heard.wav", self.folder / name)
            except FileNotFoundError:
                raise PartFailed(step, f"the phone {phone} recorded nothing") from None

    def keep_line(self, story: Story, said: Samples, heard: Samples) -> None:
        """The line in stereo and as a picture."""
        # Loaded by now, while nobody waited for it.
        from gateway.demo.timeline import draw

        write_wav(self.folder / LINE, said, heard)
        draw(story, said, heard, self.folder / PICTURE)

    async def verify(
        self,
        script: Script,
        recognise: Recognise,
        proved: Callable[[Proof], None],
    ) -> None:
        """Look for every step in the recordings; raises StepError at the first that is missing."""
        recordings = Recordings(
            read_wav(self.folder / CALLER_HEARD), read_wav(self.folder / PERSON_HEARD)
        )
        async for proof in verify(script, recordings, recognise):
            self.proofs.append(proof)
            proved(proof)

    def write(self, story: Story, gateway_records: Sequence[Mapping[str, Json]]) -> None:
        """call.json: what was on the line, what was proved, and the gateway's own record of it."""
        if not gateway_records:
            raise PartFailed(Step.RECORD, "the gateway wrote none")
        call = {
            **story.to_json(),
            "proofs": [_proof(proof) for proof in self.proofs],
            "gateway": gateway_records[-1],
        }
        (self.folder / CALL).write_text(json.dumps(call, indent=2, ensure_ascii=False) + "\n")


def _proof(proof: Proof) -> dict[str, Json]:
    return {
        "step": proof.step.value,
        "recording": proof.recording,
        "expected": proof.expected,
        "heard": proof.heard,
        "share": round(proof.share, 3),
        "likeness": None if proof.likeness is None else round(proof.likeness, 3),
    }
