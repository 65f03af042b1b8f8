"""The language models by their names in the configuration, each imported when it is used."""

from collections.abc import Mapping

from gateway.config import MISSING, Settings, vendors
from gateway.errors import ConfigError
from gateway.profile import Profile
from gateway.providers.base import LanguageModel
from gateway.providers.making import Maker, Makers, needed


def models(profiles: Mapping[str, Profile]) -> Makers[LanguageModel]:
    """All of them; the local agent answers from `profiles`."""

    def local_agent(_settings: Settings) -> LanguageModel:
        from gateway.providers.local_agent import LocalAgent

        return LocalAgent(profiles)

    return {"local": Maker(local_agent), "embedded": Maker(local_agent), **CLOUD}


def _anthropic(settings: Settings) -> LanguageModel:
    from gateway.providers.anthropic import Anthropic

    chosen = settings.anthropic
    return Anthropic(
        api_key=needed("anthropic.api_key", "ANTHROPIC_API_KEY", chosen.api_key),
        model=chosen.model,
        max_tokens=chosen.max_tokens,
        base_url=chosen.base_url,
    )


def _openai(settings: Settings) -> LanguageModel:
    from gateway.providers.openai import OPENAI, ChatModel

    chosen = settings.openai
    effort = chosen.reasoning_effort
    return ChatModel(
        OPENAI,
        api_key=needed("openai.api_key", "OPENAI_API_KEY", chosen.api_key),
        model=chosen.model,
        max_tokens=chosen.max_tokens,
        base_url=chosen.base_url,
        extra={} if effort is None else {"reasoning_effort": effort},
    )


def _gemini(settings: Settings) -> LanguageModel:
    from gateway.providers.gemini import Gemini

    chosen = settings.gemini
    return Gemini(
        api_key=needed("gemini.api_key", "GEMINI_API_KEY", chosen.api_key),
        model=chosen.model,
        max_tokens=chosen.max_tokens,
        thinking_budget=chosen.thinking_budget,
        base_url=chosen.base_url,
    )


def _groq(settings: Settings) -> LanguageModel:
    from gateway.providers.openai import GROQ, ChatModel

    chosen = settings.groq
    return ChatModel(
        GROQ,
        api_key=needed("groq.api_key", "GROQ_API_KEY", chosen.api_key),
        model=chosen.model,
        max_tokens=chosen.max_tokens,
        base_url=chosen.base_url,
    )


def _chat_server(name: str, chosen: vendors.ChatServer, base_url: str) -> LanguageModel:
    from gateway.providers.openai import ChatModel, Dialect

    key = chosen.api_key
    return ChatModel(
        Dialect(name),
        api_key="" if key is None else key.get_secret_value(),
        model=chosen.model,
        max_tokens=chosen.max_tokens,
        base_url=base_url,
    )


def _compatible(settings: Settings) -> LanguageModel:
    chosen = settings.openai_compatible
    if chosen.base_url is None:
        raise ConfigError("openai_compatible.base_url", MISSING, "set OPENAI_COMPATIBLE_BASE_URL")
    return _chat_server("openai-compatible", chosen, chosen.base_url)


def _ollama(settings: Settings) -> LanguageModel:
    return _chat_server("ollama", settings.ollama, settings.ollama.base_url)


def _vllm(settings: Settings) -> LanguageModel:
    return _chat_server("vllm", settings.vllm, settings.vllm.base_url)


def _llamacpp(settings: Settings) -> LanguageModel:
    return _chat_server("llamacpp", settings.llamacpp, settings.llamacpp.base_url)


CLOUD: Makers[LanguageModel] = {
    "anthropic": Maker(_anthropic, "anthropic"),
    "openai": Maker(_openai, "openai"),
    "gemini": Maker(_gemini, "gemini"),
    "groq": Maker(_groq, "openai"),
    "openai-compatible": Maker(_compatible, "openai"),
    "ollama": Maker(_ollama, "openai"),
    "vllm": Maker(_vllm, "openai"),
    "llamacpp": Maker(_llamacpp, "openai"),
}
