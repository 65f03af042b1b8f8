"""The three kinds of providers, by the names of their settings. Pure."""

from enum import StrEnum


class Kind(StrEnum):
    """Speech to text, language model, text to speech."""

    STT = "stt"
    LLM = "llm"
    TTS = "tts"
