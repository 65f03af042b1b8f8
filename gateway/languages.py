"""Names of languages as people write them in a dialplan, made BCP 47 tags (RFC 5646). Pure."""

import re
from collections.abc import Mapping

DEFAULT_TAGS: Mapping[str, tuple[str, ...]] = {
    "af-ZA": ("afrikaans",),
    "am-ET": ("amharic",),
    "ar-SA": ("arabic", "العربية"),
    "az-AZ": ("azerbaijani",),
    "be-BY": ("belarusian",),
    "bg-BG": ("bulgarian", "български"),
    "bn-IN": ("bengali", "bangla"),
    "bs-BA": ("bosnian",),
    "ca-ES": ("catalan", "català"),
    "cs-CZ": ("czech", "čeština"),
    "cy-GB": ("welsh", "cymraeg"),
    "da-DK": ("danish", "dansk"),
    "de-DE": ("german", "deutsch"),
    "de-AT": ("austrian", "austrian german"),
    "de-CH": ("swiss german",),
    "el-GR": ("greek", "ελληνικά"),
    "en-US": ("english", "american", "american english", "us english"),
    "en-AU": ("australian english",),
    "en-GB": ("british", "british english", "uk english"),
    "en-IN": ("indian english",),
    "es-ES": ("spanish", "español", "castellano"),
    "es-MX": ("mexican spanish", "mexican"),
    "et-EE": ("estonian", "eesti"),
    "eu-ES": ("basque", "euskara"),
    "fa-IR": ("persian", "farsi"),
    "fi-FI": ("finnish", "suomi"),
    "fil-PH": ("filipino", "tagalog"),
    "fr-FR": ("french", "français"),
    "fr-CA": ("canadian french",),
    "ga-IE": ("irish", "gaeilge"),
    "gl-ES": ("galician", "galego"),
    "gu-IN": ("gujarati",),
    "he-IL": ("hebrew", "עברית"),
    "hi-IN": ("hindi", "हिन्दी"),
    "hr-HR": ("croatian", "hrvatski"),
    "hu-HU": ("hungarian", "magyar"),
    "hy-AM": ("armenian",),
    "id-ID": ("indonesian", "bahasa indonesia"),
    "is-IS": ("icelandic", "íslenska"),
    "it-IT": ("italian", "italiano"),
    "ja-JP": ("japanese", "日本語"),
    "jv-ID": ("javanese",),
    "ka-GE": ("georgian",),
    "kk-KZ": ("kazakh",),
    "km-KH": ("khmer",),
    "kn-IN": ("kannada",),
    "ko-KR": ("korean", "한국어"),
    "lo-LA": ("lao",),
    "lt-LT": ("lithuanian", "lietuvių"),
    "lv-LV": ("latvian", "latviešu"),
    "mi-NZ": ("maori", "māori"),
    "mk-MK": ("macedonian",),
    "ml-IN": ("malayalam",),
    "mn-MN": ("mongolian",),
    "mr-IN": ("marathi",),
    "ms-MY": ("malay", "bahasa melayu"),
    "mt-MT": ("maltese",),
    "my-MM": ("burmese",),
    "nb-NO": ("norwegian", "norsk"),
    "ne-NP": ("nepali",),
    "nl-NL": ("dutch", "nederlands"),
    "nl-BE": ("flemish", "vlaams"),
    "pa-IN": ("punjabi",),
    "pl-PL": ("polish", "polski"),
    "ps-AF": ("pashto",),
    "pt-PT": ("portuguese", "português"),
    "pt-BR": ("brazilian", "brazilian portuguese"),
    "ro-RO": ("romanian", "română"),
    "ru-RU": ("russian", "русский"),
    "si-LK": ("sinhala",),
    "sk-SK": ("slovak", "slovenčina"),
    "sl-SI": ("slovenian", "slovenščina"),
    "so-SO": ("somali",),
    "sq-AL": ("albanian", "shqip"),
    "sr-RS": ("serbian", "srpski"),
    "su-ID": ("sundanese",),
    "sv-SE": ("swedish", "svenska"),
    "sw-KE": ("swahili", "kiswahili"),
    "ta-IN": ("tamil",),
    "te-IN": ("telugu",),
    "th-TH": ("thai", "ไทย"),
    "tr-TR": ("turkish", "türkçe"),
    "uk-UA": ("ukrainian", "українська"),
    "ur-PK": ("urdu",),
    "uz-UZ": ("uzbek",),
    "vi-VN": ("vietnamese", "tiếng việt"),
    "yue-HK": ("cantonese", "粤语", "廣東話"),
    "zh-CN": ("chinese", "mandarin", "中文", "普通话"),
    "zh-TW": ("taiwanese mandarin", "國語"),
    "zu-ZA": ("zulu",),
}
"""The tag that stands for each name; the first tag of a language stands for its bare code too."""

_NAMES = {name: tag for tag, names in DEFAULT_TAGS.items() for name in names}
_CODES = {tag.split("-")[0]: tag for tag in reversed(tuple(DEFAULT_TAGS))}
_TAG = re.compile(r"([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|\d{3}))?", re.IGNORECASE)


def bcp47(language: str) -> str | None:
    """`english`, `en`, `en_us` and `en-US` are all `en-US`; None for what is no language.

    A tag this module does not know is passed on in its usual case: a vendor may know it.
    """
    wanted = " ".join(language.split()).lower()
    if wanted in _NAMES:
        return _NAMES[wanted]
    match = _TAG.fullmatch(wanted)
    if match is None:
        return None
    code, script, region = match.group(1), match.group(2) or "", match.group(3) or ""
    if not script and not region:
        return _CODES.get(code)
    return "-".join(part for part in (code, script.title(), region.upper()) if part)


def base_language(tag: str) -> str:
    """`en` of `en-US`."""
    return tag.split("-")[0].lower()


def spoken_language(tag: str) -> str:
    """What one hears of a tag, whoever wrote it: `zh` of `cmn-Hans-CN`, `yue` of `zh-HK`."""
    written = tag.lower()
    if written in _OTHERWISE:
        return _OTHERWISE[written]
    base = base_language(tag)
    return _OTHERWISE.get(base, base)


_OTHERWISE: Mapping[str, str] = {
    "arb": "ar",
    "cmn": "zh",
    "in": "id",
    "iw": "he",
    "jw": "jv",
    "nn": "nb",
    "no": "nb",
    "tl": "fil",
    "zh-hant-hk": "yue",
    "zh-hk": "yue",
}
"""Codes that vendors use beside those of DEFAULT_TAGS (ISO 639-3, withdrawn and macro codes)."""


def english_name(tag: str) -> str:
    """`Spanish` of `es-MX`; the tag itself where no name is known."""
    names = DEFAULT_TAGS.get(_CODES.get(spoken_language(tag), ""))
    return names[0].title() if names else tag
