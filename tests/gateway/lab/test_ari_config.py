"""The configuration that is shipped fits together."""

import re
from pathlib import Path

import pytest

from gateway.doctor.asterisk import NEEDED_MODULES
from gateway.lab.asterisk import ARI_CONFIG, COMPLETE

PRIVATE = {"RUN", "MODULES", "SNIPPETS", "HTTP_PORT", "SIP_PORT", "RTP_START", "RTP_END"}
OURS = {"ARI_USERNAME", "ARI_PASSWORD", "ARI_APP"}


def loaded(file: Path) -> set[str]:
    return set(re.findall(r"(?m)^load = (\S+)", file.read_text()))


@pytest.mark.parametrize("folder", ["asterisk", "complete"])
def test_all_that_the_doctor_asks_for_is_loaded(folder: str) -> None:
    assert set(NEEDED_MODULES) <= loaded(ARI_CONFIG / folder / "modules.conf")


def test_only_the_complete_configuration_has_blanks_to_fill() -> None:
    blanks = {
        name
        for file in COMPLETE.glob("*.conf")
        for name in re.findall(r"@(\w+)@", file.read_text())
    }
    assert blanks == PRIVATE | OURS
    for folder in ("asterisk", "freepbx"):
        for file in (ARI_CONFIG / folder).iterdir():
            assert not re.search(r"@[A-Z_]+@", file.read_text()), file


@pytest.mark.parametrize(
    "file",
    [ARI_CONFIG / "asterisk/extensions_ai.conf", ARI_CONFIG / "freepbx/extensions_custom.conf"],
)
def test_both_dialplans_know_the_ways_back_from_the_gateway(file: Path) -> None:
    text = file.read_text()
    assert "Set(AI_CONTEXT=clinic)" in text
    assert "Set(AI_LANGUAGE=english)" in text
    assert '"${STASISSTATUS}" = "FAILED"' in text
    assert '"${AI_OUTCOME}" != ""' in text
    for context in ("ai-agent", "ai-fallback", "ai-transfer"):
        assert f"[{context}]" in text
