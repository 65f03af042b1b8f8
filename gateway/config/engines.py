"""The settings of recognisers and voices with a model of the operator's own on this machine."""

from enum import StrEnum

from pydantic import Field

from gateway.config.values import Folder, Section


class SherpaFamily(StrEnum):
    """The models of sherpa-onnx that read a whole segment."""

    TRANSDUCER = "transducer"
    MOONSHINE = "moonshine"
    NEMO_CTC = "nemo-ctc"
    PARAFORMER = "paraformer"
    SENSE_VOICE = "sense-voice"


class Piper(Section):
    """Piper's voices, for `tts.provider = "piper"`."""

    voice: Folder | None = Field(None, examples=["voices/en_US-joe-medium.onnx"])
    """The voice's .onnx file, with its .onnx.json beside it. Others of the folder go by name."""


class Whisper(Section):
    """Whisper by faster-whisper, for `stt.provider = "whisper"`."""

    model: Folder | None = Field(None, examples=["models/faster-whisper-base"])
    """The folder of a model that was converted for CTranslate2."""


class Vosk(Section):
    """Vosk, for `stt.provider = "vosk"`."""

    model: Folder | None = Field(None, examples=["models/vosk-model-small-en-us-0.15"])
    """The folder of a model. It decides which language is understood."""


class Sherpa(Section):
    """sherpa-onnx, for `stt.provider = "sherpa"`."""

    model: Folder | None = Field(None, examples=["models/sherpa-onnx-moonshine-tiny-en"])
    """The folder of a model. It decides which language is understood."""
    family: SherpaFamily = SherpaFamily.TRANSDUCER
    """What kind of model it is: `transducer`, `moonshine`, `nemo-ctc`, `paraformer` or
    `sense-voice`."""
