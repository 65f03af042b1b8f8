"""The three kinds of providers and the rules of their order, by the names of settings. Pure."""

from enum import StrEnum


class Kind(StrEnum):
    """Speech to text, language model, text to speech."""

    STT = "stt"
    LLM = "llm"
    TTS = "tts"


class Rule(StrEnum):
    """What changes the order in which language models are asked."""

    LATENCY = "latency"
    COST = "cost"
    EASY_LOCAL = "easy-local"
