"""The written reference says what the settings say."""

from pathlib import Path

import pytest

from gateway.config import every_setting, load, load_with_origins
from gateway.profile import Phrases
from gateway.reference import FILES, effective, example, profile_markdown, settings_markdown

HOME = Path(__file__).parents[2]


@pytest.mark.parametrize("file", FILES, ids=str)
def test_what_is_committed_is_current(file: Path) -> None:
    assert (HOME / file).read_text("utf-8") == FILES[file](), "run `python -m gateway.reference`"


def test_the_example_with_every_key_uncommented_is_accepted(tmp_path: Path) -> None:
    lines = example().splitlines()
    keys = [
        line.removeprefix("#") if line[:1] == "#" != line[:2].strip() else line for line in lines
    ]
    file = tmp_path / "gateway.toml"
    file.write_text("\n".join(keys), "utf-8")
    origins = load_with_origins(file, {}).origins
    assert set(origins.values()) == {"file"}


def test_every_setting_is_in_the_reference() -> None:
    text = settings_markdown()
    for setting in every_setting():
        assert f"| `{setting.key}` | `{setting.variable}` |" in text


def test_what_is_in_effect_reads_back_as_the_same_settings(tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text('[ari]\npassword = "s3cret"\n[stt]\nprovider = ["a", "b"]\n', "utf-8")
    found = load_with_origins(file, {"ADMIN_TOKEN": "door-key"})
    shown = effective(found.settings, found.origins)
    assert "s3cret" not in shown
    assert "door-key" not in shown
    assert 'app = "voice-gateway"  # default' in shown
    assert 'provider = ["a", "b"]  # file' in shown
    file.write_text(shown, "utf-8")
    again = load(file, {"ADMIN_TOKEN": "door-key", "ARI_PASSWORD": "s3cret"})
    assert again == found.settings


def test_every_phrase_is_in_the_reference_of_profiles() -> None:
    text = profile_markdown()
    for key in Phrases.model_fields:
        assert f"\n| `{key}` | " in text
    assert "| `greeting` | required |" in text
    assert "| `topics` |" not in text
