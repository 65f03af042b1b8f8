"""Names of languages as people write them in a dialplan, made BCP 47 tags (RFC 5646). Pure."""

import re
from collections.abc import Mapping

DEFAULT_TAGS: Mapping[str, tuple[str, ...]] = {
    "ar-SA": ("arabic",),
    "bg-BG": ("bulgarian",),
    "ca-ES": ("catalan",),
    "cs-CZ": ("czech",),
    "da-DK": ("danish",),
    "de-DE": ("german", "deutsch"),
    "de-AT": ("austrian", "austrian german"),
    "de-CH": ("swiss german",),
    "el-GR": ("greek",),
    "en-US": ("english", "american", "american english", "us english"),
    "en-AU": ("australian english",),
    "en-GB": ("british", "british english", "uk english"),
    "en-IN": ("indian english",),
    "es-ES": ("spanish", "español", "castellano"),
    "es-MX": ("mexican spanish", "mexican"),
    "et-EE": ("estonian",),
    "fi-FI": ("finnish",),
    "fr-FR": ("french", "français"),
    "fr-CA": ("canadian french",),
    "he-IL": ("hebrew",),
    "hi-IN": ("hindi",),
    "hr-HR": ("croatian",),
    "hu-HU": ("hungarian",),
    "id-ID": ("indonesian",),
    "it-IT": ("italian", "italiano"),
    "ja-JP": ("japanese",),
    "ko-KR": ("korean",),
    "lt-LT": ("lithuanian",),
    "lv-LV": ("latvian",),
    "nb-NO": ("norwegian", "norsk"),
    "nl-NL": ("dutch", "nederlands"),
    "pl-PL": ("polish", "polski"),
    "pt-PT": ("portuguese", "português"),
    "pt-BR": ("brazilian", "brazilian portuguese"),
    "ro-RO": ("romanian",),
    "ru-RU": ("russian",),
    "sk-SK": ("slovak",),
    "sl-SI": ("slovenian",),
    "sv-SE": ("swedish", "svenska"),
    "th-TH": ("thai",),
    "tr-TR": ("turkish", "türkçe"),
    "uk-UA": ("ukrainian",),
    "vi-VN": ("vietnamese",),
    "zh-CN": ("chinese", "mandarin"),
    "zh-TW": ("taiwanese mandarin",),
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
