"""The settings of recognisers and voices with a model of the operator's own on this machine."""

from pydantic import Field

from gateway.config.values import Folder, Section


class Piper(Section):
    """Piper's voices, for `tts.provider = "piper"`."""

    voice: Folder | None = Field(None, examples=["voices/en_US-joe-medium.onnx"])
    """The voice's .onnx file, with its .onnx.json beside it. Others of the folder go by name."""
