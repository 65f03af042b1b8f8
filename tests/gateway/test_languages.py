"""Languages as people write them."""

import pytest

from gateway.languages import base_language, bcp47


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("english", "en-US"),
        ("English", "en-US"),
        (" British  English ", "en-GB"),
        ("en", "en-US"),
        ("pt", "pt-PT"),
        ("zh", "zh-CN"),
        ("en-us", "en-US"),
        ("en_GB", "en-GB"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("deutsch", "de-DE"),
        ("fr-BE", "fr-BE"),
    ],
)
def test_names_and_tags_become_tags(written: str, tag: str) -> None:
    assert bcp47(written) == tag


@pytest.mark.parametrize("written", ["", "klingon", "english please", "e", "en-", "12", "en-USA1"])
def test_what_is_no_language_is_none(written: str) -> None:
    assert bcp47(written) is None


def test_the_base_language_is_the_first_part() -> None:
    assert base_language("zh-Hant-TW") == "zh"
