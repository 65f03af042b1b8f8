"""Settings: the address, and a password nobody sees."""

import pytest

from gateway.ari.settings import AriSettings
from gateway.errors import ConfigError


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://127.0.0.1:8088", "http://127.0.0.1:8088/ari"),
        ("http://127.0.0.1:8088/", "http://127.0.0.1:8088/ari"),
        ("http://127.0.0.1:8088/ari", "http://127.0.0.1:8088/ari"),
        ("https://pbx.example/asterisk/ari/", "https://pbx.example/asterisk/ari"),
        ("http://[::1]:8088", "http://[::1]:8088/ari"),
    ],
)
def test_the_address_of_ari(url: str, base: str) -> None:
    assert str(AriSettings(url, "u", "p").base) == base


@pytest.mark.parametrize("url", ["", "127.0.0.1:8088", "ws://127.0.0.1", "http://", "http://[::1"])
def test_a_wrong_address_names_field_value_and_fix(url: str) -> None:
    with pytest.raises(ConfigError) as raised:
        AriSettings(url, "u", "p")
    assert raised.value.field == "ari.url"
    assert "http://127.0.0.1:8088" in raised.value.fix


def test_the_password_is_not_shown() -> None:
    assert "hush" not in repr(AriSettings("http://127.0.0.1", "u", "hush"))


def test_a_password_in_the_address_is_refused_and_not_shown() -> None:
    with pytest.raises(ConfigError) as raised:
        AriSettings("http://u:hush@127.0.0.1", "u", "p")
    assert "hush" not in str(raised.value)
