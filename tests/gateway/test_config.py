"""Settings from file and environment: who wins, and what is said about mistakes."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.config import (
    Address,
    Ari,
    LogFormat,
    Rtp,
    Settings,
    every_setting,
    load,
    load_with_origins,
)
from gateway.errors import ConfigError
from rtp.codec import Codec

GOOD = '[ari]\npassword = "s3cret"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "gateway.toml"


def loaded(file: Path, text: str, environment: Mapping[str, str] | None = None) -> Settings:
    file.write_text(text, "utf-8")
    return load(file, environment or {})


def refused(file: Path, text: str, environment: Mapping[str, str] | None = None) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        loaded(file, text, environment)
    assert "\n" not in str(caught.value)
    return caught.value


# --- what is read -------------------------------------------------------------------------------


def test_a_password_is_all_that_must_be_given(file: Path) -> None:
    settings = loaded(file, GOOD)
    assert settings.ari.url == "http://127.0.0.1:8088"
    assert settings.rtp.bind == ("127.0.0.1", 4000)
    assert settings.records.folder is None
    assert settings.admin.token is None


def test_the_environment_alone_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load(None, {"ARI_PASSWORD": "s3cret"})
    assert settings.ari.password.get_secret_value() == "s3cret"


def test_gateway_toml_in_the_working_directory_is_read(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text(GOOD, "utf-8")
    monkeypatch.chdir(file.parent)
    assert load(None, {}).ari.password.get_secret_value() == "s3cret"


def test_the_process_environment_is_the_default(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text(GOOD, "utf-8")
    monkeypatch.setenv("ARI_APP", "from-the-environment")
    assert load(file).ari.app == "from-the-environment"


@pytest.mark.parametrize(
    ("variable", "value", "name"),
    [
        ("ARI_URL", "http://10.0.0.2:8088", "ari.url"),
        ("ARI_USERNAME", "robot", "ari.username"),
        ("ARI_PASSWORD", "other", "ari.password"),
        ("ARI_APP", "agent", "ari.app"),
        ("RTP_BIND", "127.0.0.9:5000", "rtp.bind"),
        ("RTP_ADVERTISE", "10.0.0.3:5000", "rtp.advertise"),
        ("STT_PROVIDER", "deepgram", "stt.provider"),
        ("LLM_PROVIDER", "anthropic", "llm.provider"),
        ("TTS_PROVIDER", "google", "tts.provider"),
        ("TTS_CACHE_ENABLED", "false", "tts.cache_enabled"),
        ("REDIS_URL", "redis://10.0.0.4/1", "store.redis_url"),
        ("ADMIN_BIND", "127.0.0.1:9090", "admin.bind"),
        ("ADMIN_TOKEN", "door-key", "admin.token"),
    ],
)
def test_names_users_meet_are_stable_and_win_over_the_file(
    file: Path, variable: str, value: str, name: str
) -> None:
    section, key = name.split(".")
    default = getattr(getattr(loaded(file, GOOD), section), key)
    file.write_text(GOOD, "utf-8")
    found = load_with_origins(file, {variable: value})
    assert getattr(getattr(found.settings, section), key) != default
    assert found.origins[name] == "environment"


def test_each_value_knows_where_it_comes_from(file: Path) -> None:
    file.write_text(GOOD, "utf-8")
    origins = load_with_origins(file, {"ARI_APP": "agent"}).origins
    assert origins["ari.password"] == "file"
    assert origins["ari.app"] == "environment"
    assert origins["ari.url"] == "default"


def test_an_empty_variable_counts_as_unset(file: Path) -> None:
    assert loaded(file, GOOD, {"RTP_ADVERTISE": "", "ARI_APP": ""}) == loaded(file, GOOD)


@pytest.mark.parametrize(
    ("toml", "variable"),
    [
        ('"deepgram"', "deepgram"),
        ('["deepgram", "moonshine"]', "deepgram,moonshine"),
        ('["deepgram", "moonshine"]', " deepgram , moonshine "),
    ],
)
def test_providers_are_one_name_or_a_list(file: Path, toml: str, variable: str) -> None:
    in_file = loaded(file, GOOD + f"[stt]\nprovider = {toml}\n")
    in_environment = loaded(file, GOOD, {"STT_PROVIDER": variable})
    assert in_file.stt == in_environment.stt
    assert in_file.stt.provider[0] == "deepgram"


def test_relative_folders_start_at_the_file(file: Path) -> None:
    settings = loaded(file, GOOD + '[records]\nfolder = "kept"\n[cache]\nfolder = "/var/c"\n')
    assert settings.profiles.folder == file.parent / "profiles"
    assert settings.records.folder == file.parent / "kept"
    assert settings.cache.folder == Path("/var/c")


def test_the_cache_lies_where_the_user_keeps_caches(file: Path) -> None:
    assert loaded(file, GOOD).cache.folder == Path.home() / ".cache/voice-gateway"
    moved = loaded(file, GOOD, {"XDG_CACHE_HOME": "/var/caches"})
    assert moved.cache.folder == Path("/var/caches/voice-gateway")


def test_a_host_name_to_advertise_is_resolved_once(file: Path) -> None:
    advertise = loaded(file, GOOD, {"RTP_ADVERTISE": "localhost:4000"}).rtp.advertise
    assert advertise is not None
    assert advertise.is_loopback
    assert advertise.port == 4000


@pytest.mark.parametrize("text", ["127.0.0.1:4000", "[::1]:4000"])
def test_addresses_print_as_they_are_written(text: str) -> None:
    assert str(Rtp.model_validate({"bind": text}).bind) == text


def test_settings_made_by_hand_ignore_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARI_URL", "http://10.9.9.9:1")
    monkeypatch.setenv("RTP_CODEC", "G722")
    settings = Settings(ari=Ari.model_validate({"password": "s3cret"}))
    assert settings.ari.url == "http://127.0.0.1:8088"
    assert settings.rtp.codec is Codec.PCMU


def test_settings_are_frozen(file: Path) -> None:
    settings = loaded(file, GOOD)
    with pytest.raises(ValueError, match="frozen"):
        settings.logging.format = LogFormat.JSON  # type: ignore[misc]


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "environment", "message"),
    [
        ("", {}, "ari.password = <missing>: set ARI_PASSWORD, or password under [ari]"),
        ('[ari]\npassword = ""', {}, "ari.password = <not shown>:"),
        ("[ari]\npassword = 5", {}, "ari.password = <not shown>:"),
        (
            '[ari]\npasword = "x"',
            {},
            "ari.pasword = <not shown>: there is no such setting; did you",
        ),
        ("[ari]\nzzz = 1", {}, "ari.zzz = <not shown>: there is no such setting; remove it"),
        ("[arri]", {}, "arri = <not shown>: there is no such table; did you mean [ari]?"),
        ("[zzz]", {}, "zzz = <not shown>: there is no such table; remove it"),
        (
            'redis_url = "x"',
            {},
            "redis_url = <not shown>: there is no such table; did you mean store",
        ),
        ("ari = 1", {}, "ari = <not shown>: is a table: write [ari]"),
        (
            GOOD,
            {"ARI_PASWORD": "x"},
            "ARI_PASWORD = <not shown>: there is no such variable; did you",
        ),
        (GOOD + 'url = "8088"', {}, "ari.url = 8088: give Asterisk's HTTP address"),
        (GOOD + 'url = "http://a:b@h"', {}, "ari.url = <not shown>: put user name and password"),
        (GOOD + 'app = "my app"', {}, "ari.app = my app: "),
        (GOOD, {"RTP_ADVERTISE": "10.0.0.1"}, "RTP_ADVERTISE = 10.0.0.1: give ip:port"),
        (GOOD, {"RTP_ADVERTISE": "10.0.0.1:70000"}, "RTP_ADVERTISE = 10.0.0.1:70000: give ip:port"),
        (GOOD, {"RTP_ADVERTISE": "0.0.0.0:4000"}, "RTP_ADVERTISE = 0.0.0.0:4000: Asterisk cannot"),
        (GOOD, {"RTP_ADVERTISE": "10.0.0.1:0"}, "RTP_ADVERTISE = 10.0.0.1:0: Asterisk cannot"),
        (
            GOOD,
            {"RTP_ADVERTISE": "a..b:4000"},
            "RTP_ADVERTISE = a..b:4000: the name a..b cannot be",
        ),
        (GOOD, {"RTP_BIND": "0.0.0.0:4000"}, "rtp.advertise = <unset>: rtp.bind = 0.0.0.0:4000"),
        (GOOD, {"RTP_BIND": "::"}, "RTP_BIND = ::: give ip:port"),
        (GOOD, {"RTP_CODEC": "opus"}, "RTP_CODEC = opus: Input should be 'PCMU'"),
        (GOOD, {"STT_PROVIDER": " , "}, "STT_PROVIDER = ,: name at least one"),
        (GOOD + "[tts]\nprovider = []", {}, "tts.provider = []: "),
        (GOOD, {"REDIS_URL": "http://:pw@h"}, "REDIS_URL = <not shown>: give a Redis address"),
        (GOOD, {"ADMIN_BIND": "0.0.0.0:8080"}, "admin.token = <unset>: admin.bind = 0.0.0.0:8080"),
        (
            GOOD,
            {"ADMIN_BIND": "10.0.0.1:8080"},
            "admin.token = <unset>: admin.bind = 10.0.0.1:8080",
        ),
        (GOOD, {"ADMIN_TOKEN": "a\nb"}, "ADMIN_TOKEN = <not shown>: a token is printable"),
        (GOOD + "[calls]\nmax_calls = 0", {}, "calls.max_calls = 0: "),
        (
            GOOD,
            {"CALLS_MAX_CALLS": "many"},
            "CALLS_MAX_CALLS = many: Input should be a valid integer",
        ),
        (
            GOOD + '[calls]\nfallback_extension = "s"',
            {},
            "calls.fallback_extension = s: set calls.",
        ),
        (GOOD + '[logging]\nlevel = "loud"', {}, "logging.level = loud: Input should be 'debug'"),
        ("[ari\n", {}, "--config = "),
    ],
)
def test_mistakes_are_one_line_with_field_value_and_fix(
    file: Path, text: str, environment: Mapping[str, str], message: str
) -> None:
    assert str(refused(file, text, environment)).startswith(message)


@pytest.mark.parametrize("make", ["missing", "folder", "binary"])
def test_a_file_that_cannot_be_read_is_named(file: Path, make: str) -> None:
    if make == "folder":
        file.mkdir()
    elif make == "binary":
        file.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError) as caught:
        load(file, {})
    assert caught.value.field == "--config"
    assert caught.value.value == str(file)


def test_a_secret_under_a_wrong_name_or_of_a_wrong_kind_is_not_shown(file: Path) -> None:
    mistakes: list[tuple[str, Mapping[str, str]]] = [
        ('[ari]\npasword = "s3cret"', {}),
        ('[ari]\npassword = ["s3cret"]', {}),
        ('[ari]\npassword = "s3cret"\nurl = "http://me:s3cret@host"', {}),
        ('password = "s3cret"', {}),
        ('ari = "s3cret"', {}),
        ("", {"ARI_PASWORD": "s3cret"}),
        (GOOD, {"ADMIN_TOKEN": "s3cret\n"}),
        (GOOD, {"REDIS_URL": "rediss+x://:s3cret@host"}),
    ]
    for text, environment in mistakes:
        error = refused(file, text, environment)
        assert "s3cret" not in str(error)
        assert error.__cause__ is None
        assert error.__suppress_context__ or error.__context__ is None


def test_secrets_do_not_print(file: Path) -> None:
    environment = {"ADMIN_TOKEN": "s3cret", "REDIS_URL": "redis://:s3cret@h"}
    settings = loaded(file, GOOD, environment)
    assert "s3cret" not in f"{settings!r} {settings} {settings.model_dump_json()}"


def test_variables_of_others_are_none_of_our_business(file: Path) -> None:
    loaded(file, GOOD, {"ADMIN_EMAIL": "x", "STORE_FRONT": "y", "PATH": "/bin", "CALLS_TO": "z"})


def test_a_token_opens_the_admin_port_to_other_machines(file: Path) -> None:
    settings = loaded(file, GOOD, {"ADMIN_BIND": "0.0.0.0:8080", "ADMIN_TOKEN": "door-key"})
    assert settings.admin.bind == Address("0.0.0.0", 8080)


def test_every_setting_has_its_own_variable_and_a_documentation() -> None:
    settings = list(every_setting())
    assert len({setting.variable for setting in settings}) == len(settings)
    assert all(setting.field.description for setting in settings)


def test_money_is_exact_in_the_file_and_in_the_environment(file: Path) -> None:
    text = '[ari]\npassword = "p"\n[money]\ncall_soft_limit = 0.1\n'
    money = loaded(file, text, {"MONEY_CALL_HARD_LIMIT": "0.3"}).money
    assert (money.call_soft_limit, money.call_hard_limit) == (Decimal("0.1"), Decimal("0.3"))


def test_a_hard_limit_is_not_below_the_soft_one(file: Path) -> None:
    limits = {"MONEY_DAY_SOFT_LIMIT": "5", "MONEY_DAY_HARD_LIMIT": "4.5"}
    error = refused(file, '[ari]\npassword = "p"', limits)
    assert str(error).startswith("MONEY_DAY_HARD_LIMIT = 4.5: is below the soft limit")
