"""The language models by their names in the configuration, each imported when it is used."""

from collections.abc import Mapping

from gateway.config import Settings
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


CLOUD: Makers[LanguageModel] = {
    "anthropic": Maker(_anthropic, "anthropic"),
}
