"""Whether a caller asks to go on in another language: "en español, por favor". Pure.

Wishes are understood in English, Spanish, French, German, Portuguese and Chinese, for every
language that has a name. Talking about a language is no wish: only a request or nothing but the
language's name counts.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from gateway.languages import DEFAULT_TAGS, bcp47

MOST_WORDS = 10
"""A longer turn is a story, not a wish."""

_FOREIGN_NAMES: Mapping[str, str] = {
    "en": "inglés anglais englisch inglês 英语 英文",
    "es": "español espagnol spanisch espanhol 西班牙语",
    "fr": "francés français französisch francês 法语",
    "de": "alemán allemand deutsch alemão 德语",
    "pt": "portugués portugais portugiesisch português 葡萄牙语",
    "zh": "chino chinois chinesisch chinês mandarín mandarim 中文 汉语 普通话 国语",
    "it": "italiano italien italienisch 意大利语",
    "nl": "holandés neerlandés néerlandais niederländisch holandês 荷兰语",
    "pl": "polaco polonais polnisch polonês 波兰语",
    "ru": "ruso russe russisch russo 俄语",
    "tr": "turco turc türkisch 土耳其语",
    "ar": "árabe arabe arabisch 阿拉伯语",
    "ja": "japonés japonais japanisch japonês 日语",
    "ko": "coreano coréen koreanisch 韩语",
    "yue": "粤语 广东话",
}
"""What languages are called in the languages that wishes are understood in."""

_PLEASE = (
    "please|por favor|s il vous plait|s il te plait|svp|bitte|porfavor|thanks|thank you|gracias"
)
_LEAD = (
    "hello|hi|hey|yes|no|sorry|excuse me|well|ok|okay|um|uh|hola|si|perdon|disculpe|bonjour|oui|non"
    "|pardon|hallo|guten tag|ja|nein|entschuldigung|ola|sim|nao|desculpe|please|por favor|bitte"
)
_IN = "in|en|auf|em|to|a"
_SPEAK = (
    "speak|talk|talking|speaking|continue|carry on|go on|switch|change|conversation|understand"
    "|hablar|habla|hablas|hable|hablamos|hablemos|continuar|seguir|seguimos|cambiar|cambiamos"
    "|parler|parlez|parles|parlons|continuer|continuons|passer|passons"
    "|sprechen|sprichst|sprecht|reden|wechseln|weitermachen|weiterreden"
    "|falar|fala|falas|fale|falamos|falemos|mudar"
)
_BETWEEN = r"(?:we|you|sie|wir|du|ihr|vous|tu|usted|nous|on|it|this|over|bitte|mit mir|con usted)"
_REFUSED = re.compile(
    r"\b(?:don t|do not|does not|doesn t|can t|cannot|not|never|no (?:hablo|entiendo)|ne|nicht|kein"
    r"|nao)\b"
    r"|someone|somebody|alguien|quelqu|jemand|alguem"
)
_CHINESE_WISH = (
    r"^.{0,6}(?:说|讲|用|换成?|会说|切换到?)(?P<name>NAMES)"
    r"|^(?P<alone>NAMES)(?:吧|可以吗|好吗|谢谢)?$"
)
_CHINESE_REFUSAL = re.compile(r"不会|不懂|不能|听不")


def _folded(text: str) -> str:
    """Lower case, without accents and marks, single spaces."""
    parts = unicodedata.normalize("NFKD", text.lower())
    plain = "".join(c for c in parts if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w]+", " ", plain).split())


def _names() -> Iterator[tuple[str, str]]:
    for tag, names in DEFAULT_TAGS.items():
        for name in names:
            yield _folded(name), tag
    for code, listed in _FOREIGN_NAMES.items():
        for name in listed.split():
            yield _folded(name), bcp47(code) or code


_TAGS: Mapping[str, str] = dict(_names())
_ANY = "|".join(re.escape(name) for name in sorted(_TAGS, key=len, reverse=True))
_WISHES = (
    re.compile(rf"^(?:(?:{_LEAD}) )*(?:(?:{_IN}) )?(?P<name>{_ANY})(?: (?:{_PLEASE}))*$"),
    re.compile(rf"\b(?:{_SPEAK})(?: {_BETWEEN})*(?: (?:{_IN}))?(?: the)? (?P<name>{_ANY})\b"),
    re.compile(rf"\b(?:{_IN}) (?P<name>{_ANY}) (?:{_SPEAK})\b"),
    re.compile(rf"\b(?:auf )?(?P<name>{_ANY}) (?:sprechen|reden|weiterreden|weitermachen)\b"),
)
_CHINESE = re.compile(_CHINESE_WISH.replace("NAMES", _ANY))


def wished_language(text: str) -> str | None:
    """The BCP 47 tag of the language that the caller asks for; None if there is no such wish."""
    folded = _folded(text)
    if len(folded.split()) > MOST_WORDS or _REFUSED.search(folded):
        return None
    for wish in _WISHES:
        if match := wish.search(folded):
            return _TAGS[match["name"]]
    if _CHINESE_REFUSAL.search(folded):
        return None
    if match := _CHINESE.search(folded.replace(" ", "")):
        return _TAGS[match["name"] or match["alone"]]
    return None
