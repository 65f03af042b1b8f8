"""Which languages each provider declares, in its own codes, and the code for a language. Pure.

A vendor's row is what its documentation listed when the row was written (SOURCES): a language it
has added since is one more word here. `ANY` stands where the operator's own model decides.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from gateway.kinds import Kind
from gateway.languages import DEFAULT_TAGS, bcp47, spoken_language

ANY = ("*",)
"""The operator chose the model: it is trusted to know what it was chosen for."""


def _codes(listed: str) -> tuple[str, ...]:
    return tuple(listed.split())


ENGLISH = ("en", "en-US", "en-GB", "en-AU", "en-IN", "en-NZ")

_WHISPER = _codes(
    "af ar hy az be bs bg ca zh hr cs da nl en et fi fr gl de el he hi hu is id it ja kn kk ko"
    " lv lt mk ms mr mi ne no fa pl pt ro ru sr sk sl es sw sv tl ta th tr uk ur vi cy"
)
"""The languages of Whisper whose word error rate OpenAI calls below 50 %."""

_AZURE = _codes(
    "af-ZA am-ET ar-AE ar-EG ar-SA az-AZ bg-BG bn-BD bn-IN bs-BA ca-ES cs-CZ cy-GB da-DK de-AT"
    " de-CH de-DE el-GR en-AU en-CA en-GB en-IE en-IN en-NZ en-US en-ZA es-AR es-CL es-CO es-ES"
    " es-MX es-US et-EE eu-ES fa-IR fi-FI fil-PH fr-BE fr-CA fr-CH fr-FR ga-IE gl-ES gu-IN"
    " he-IL hi-IN hr-HR hu-HU hy-AM id-ID is-IS it-IT ja-JP jv-ID ka-GE kk-KZ km-KH kn-IN ko-KR"
    " lo-LA lt-LT lv-LV mk-MK ml-IN mn-MN mr-IN ms-MY mt-MT my-MM nb-NO ne-NP nl-BE nl-NL pl-PL"
    " ps-AF pt-BR pt-PT ro-RO ru-RU si-LK sk-SK sl-SI so-SO sq-AL sr-RS sv-SE sw-KE ta-IN te-IN"
    " th-TH tr-TR uk-UA ur-IN uz-UZ vi-VN zh-CN zh-HK zh-TW zu-ZA"
)

HEARD: Mapping[str, Sequence[str]] = {
    "moonshine": ENGLISH,
    "embedded": ENGLISH,
    "deepgram": _codes(
        "en en-US en-AU en-GB en-IN en-NZ es es-419 fr fr-CA pt pt-BR pt-PT de de-CH nl nl-BE"
        " sv sv-SE da da-DK it tr no id bg cs fi hi hu ja ko ko-KR pl ru uk vi ca et el lv lt"
        " ms ro sk zh zh-CN zh-TW zh-HK th th-TH bn mr ta te"
    ),
    "google": _codes(
        "af-ZA sq-AL am-ET ar-EG hy-AM az-AZ eu-ES bn-BD bs-BA bg-BG my-MM ca-ES cmn-Hans-CN"
        " cmn-Hant-TW yue-Hant-HK hr-HR cs-CZ da-DK nl-NL en-AU en-GB en-IN en-US et-EE fil-PH"
        " fi-FI fr-CA fr-FR gl-ES ka-GE de-DE el-GR gu-IN iw-IL hi-IN hu-HU is-IS id-ID it-IT"
        " ja-JP jv-ID kn-IN kk-KZ km-KH ko-KR lo-LA lv-LV lt-LT mk-MK ms-MY ml-IN mr-IN mn-MN"
        " ne-NP no-NO fa-IR pl-PL pt-BR pt-PT pa-Guru-IN ro-RO ru-RU sr-RS si-LK sk-SK sl-SI"
        " es-ES es-US su-ID sv-SE sw ta-IN te-IN th-TH tr-TR uk-UA uz-UZ vi-VN zu-ZA"
    ),
    "azure": _AZURE,
    "amazon": _codes(
        "af-ZA ar-AE ar-SA eu-ES ca-ES zh-CN zh-TW zh-HK hr-HR cs-CZ da-DK nl-NL en-AU en-GB"
        " en-IE en-IN en-NZ en-US en-ZA fa-IR fi-FI fr-CA fr-FR gl-ES de-CH de-DE el-GR he-IL"
        " hi-IN id-ID it-IT ja-JP ko-KR lv-LV ms-MY no-NO pl-PL pt-BR pt-PT ro-RO ru-RU sr-RS"
        " sk-SK so-SO es-ES es-US tl-PH sv-SE th-TH uk-UA vi-VN zu-ZA"
    ),
    "openai": _WHISPER,
    "groq": _WHISPER,
    "whisper": _WHISPER,
    "alibaba": ("zh", "yue", "en", "ja", "ko", "de", "fr", "ru"),
    "vosk": ANY,
    "sherpa": ANY,
}
"""Speech to text, by provider."""

UNDERSTOOD: Mapping[str, Sequence[str]] = {"local": ENGLISH, "embedded": ENGLISH}
"""Language models, by provider: those that are not here understand what people write."""

SPOKEN: Mapping[str, Sequence[str]] = {
    "hibari": ENGLISH,
    "embedded": ENGLISH,
    "classic": ENGLISH,
    "google": _codes(
        "ar-XA bn-IN bg-BG hr-HR cs-CZ da-DK nl-BE nl-NL en-AU en-IN en-GB en-US et-EE fi-FI"
        " fr-CA fr-FR de-DE el-GR gu-IN he-IL hi-IN hu-HU id-ID it-IT ja-JP kn-IN ko-KR lv-LV"
        " lt-LT ml-IN cmn-CN mr-IN nb-NO pl-PL pt-BR pa-IN ro-RO ru-RU sr-RS sk-SK sl-SI es-ES"
        " es-US sw-KE sv-SE ta-IN te-IN th-TH tr-TR uk-UA ur-IN vi-VN yue-HK"
    ),
    "azure": _AZURE,
    "elevenlabs": _codes(
        "en ja zh de hi fr ko pt it es id nl tr fil pl sv bg ro ar cs el fi hr ms sk da ta uk"
        " ru hu no vi"
    ),
    "amazon": _codes(
        "arb ar-AE ca-ES yue-CN cmn-CN cs-CZ da-DK nl-BE nl-NL en-AU en-GB en-IE en-IN en-NZ"
        " en-US en-ZA fi-FI fr-BE fr-CA fr-FR de-AT de-CH de-DE hi-IN is-IS it-IT ja-JP ko-KR"
        " nb-NO pl-PL pt-BR pt-PT ro-RO ru-RU es-ES es-MX es-US sv-SE tr-TR cy-GB"
    ),
    "deepgram": ("en", "es", "de", "fr", "it", "nl", "ja"),
    "openai": _WHISPER,
    "piper": ANY,
    "espeak": _codes(
        "af am ar az be bg bn bs ca cs cy da de el en et eu fa fi fr ga gu he hi hr hu hy id"
        " is it ja ka kk kn ko lt lv mi mk ml mr ms mt my nb ne nl pa pl pt pt-BR ro ru si sk"
        " sl sq sr sv sw ta te th tr uk ur uz vi cmn yue es es-419"
    ),
}
"""Text to speech, by provider."""

SOURCES: Mapping[str, str] = {
    "deepgram": "developers.deepgram.com/docs/models-languages-overview (Nova-3, Aura-2), 2026-03",
    "google": "cloud.google.com/speech-to-text/v2/docs/speech-to-text-supported-languages and"
    " cloud.google.com/text-to-speech/docs/chirp3-hd, 2026-02",
    "azure": "learn.microsoft.com/azure/ai-services/speech-service/language-support, 2025",
    "openai": "platform.openai.com/docs/guides/speech-to-text and text-to-speech, 2025",
    "amazon": "docs.aws.amazon.com/transcribe/latest/dg/supported-languages.html and"
    " docs.aws.amazon.com/polly/latest/dg/supported-languages.html, 2025",
    "elevenlabs": "elevenlabs.io/docs/models (Flash v2.5), 2025",
    "alibaba": "help.aliyun.com/zh/model-studio (Paraformer), 2025",
}
"""Where the rows come from, and when they were known to be right."""

_TABLES = {Kind.STT: HEARD, Kind.LLM: UNDERSTOOD, Kind.TTS: SPOKEN}


@lru_cache(maxsize=4096)
def vendor_code(kind: Kind, provider: str, language: str) -> str | None:
    """What `provider` calls `language` (BCP 47); None if it does not declare it.

    The very tag first, then the language without a region, then its usual region, then any.
    A provider that is in no table takes the tag as it is.
    """
    codes = _TABLES[kind].get(provider, ANY)
    if codes is ANY:
        return language
    wanted = spoken_language(language)
    same = [code for code in codes if spoken_language(code) == wanted]
    usual = (bcp47(wanted) or wanted).lower()
    for likeness in (language.lower(), wanted, usual):
        for code in same:
            if likeness in (code.lower(), _plain(code)):
                return code
    return same[0] if same else None


def serves(kind: Kind, provider: str, language: str) -> bool:
    """Whether `provider` declares `language`."""
    return vendor_code(kind, provider, language) is not None


def served_everywhere() -> frozenset[str]:
    """Languages (as `spoken_language` names them) that somebody hears and somebody speaks."""
    names = {spoken_language(tag) for tag in DEFAULT_TAGS}
    return frozenset(names & _declared(HEARD) & _declared(SPOKEN))


def _declared(table: Mapping[str, Sequence[str]]) -> set[str]:
    return {spoken_language(code) for codes in table.values() if codes is not ANY for code in codes}


def _plain(code: str) -> str:
    """A vendor's code as we write it: `zh-cn` of `cmn-Hans-CN`, `zh` of `cmn`."""
    region = code.lower().split("-")[1:]
    region = [part for part in region if len(part) != len("hans")]
    return "-".join([spoken_language(code), *region])
