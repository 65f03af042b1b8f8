"""Callers who ask for another language, and those who only talk about one."""

import pytest

from gateway.language_wish import wished_language


@pytest.mark.parametrize(
    ("said", "tag"),
    [
        ("En español, por favor.", "es-ES"),
        ("Español", "es-ES"),
        ("Spanish please", "es-ES"),
        ("Hello, in Spanish please", "es-ES"),
        ("Can we speak German?", "de-DE"),
        ("Could we talk in French?", "fr-FR"),
        ("Do you speak Chinese?", "zh-CN"),
        ("Can you speak Mandarin please", "zh-CN"),
        ("Let's switch to Portuguese", "pt-PT"),
        ("Can we continue in English?", "en-US"),
        ("¿Habla usted inglés?", "en-US"),
        ("¿Podemos hablar en inglés?", "en-US"),
        ("Hablemos en francés", "fr-FR"),
        ("Parlez-vous allemand ?", "de-DE"),
        ("En anglais, s'il vous plaît", "en-US"),
        ("On peut parler en espagnol ?", "es-ES"),
        ("Auf Deutsch bitte", "de-DE"),
        ("Können wir Englisch sprechen?", "en-US"),
        ("Sprechen Sie Spanisch?", "es-ES"),
        ("Können wir auf Französisch weitermachen?", "fr-FR"),
        ("Fala português?", "pt-PT"),
        ("Podemos falar em inglês?", "en-US"),
        ("Em espanhol, por favor", "es-ES"),
        ("请说英语", "en-US"),
        ("可以说中文吗？", "zh-CN"),
        ("能用英文吗", "en-US"),
        ("中文", "zh-CN"),
        ("Polski proszę", None),
        ("Polski", "pl-PL"),
        ("Can we speak Dutch?", "nl-NL"),
        ("Türkçe", "tr-TR"),
    ],
)
def test_a_wish_is_understood(said: str, tag: str | None) -> None:
    assert wished_language(said) == tag


@pytest.mark.parametrize(
    "said",
    [
        "",
        "What are your opening hours?",
        "Do you have books in French?",
        "I'm looking for a German dictionary",
        "I don't speak English",
        "No hablo inglés",
        "Je ne parle pas anglais",
        "Ich spreche kein Englisch",
        "我不会说英语",
        "My daughter is learning Spanish at school",
        "Is there someone who can speak Polish?",
        "I'd like to book the Italian course, the one where we speak Italian all day long",
        "The doctor is Turkish",
    ],
)
def test_talking_about_a_language_is_no_wish(said: str) -> None:
    assert wished_language(said) is None
