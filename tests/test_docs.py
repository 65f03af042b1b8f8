"""What the pages name is there: files, make targets, commands, metrics, settings."""

import re
from pathlib import Path

import pytest

from gateway.__main__ import main
from gateway.config import every_setting
from gateway.metrics import Metrics

HOME = Path(__file__).parents[1]
PAGES = sorted([*HOME.glob("*.md"), *(HOME / "docs").rglob("*.md")])
EVERY_PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(HOME)))


def text(page: Path) -> str:
    return page.read_text("utf-8")


@EVERY_PAGE
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text(page))
    files = [target for target in targets if "://" not in target]
    assert [file for file in files if not (page.parent / file).exists()] == []


@EVERY_PAGE
def test_make_targets_exist(page: Path) -> None:
    named = set(re.findall(r"(?:`|^\s*)make ([a-z.-]+)", text(page), re.MULTILINE))
    known = set(re.findall(r"^([a-z.-]+):", text(HOME / "Makefile"), re.MULTILINE))
    assert named - known == set()


@EVERY_PAGE
def test_commands_exist(page: Path) -> None:
    command = r"(?:`|/|^\s*)voice-gateway(?: --config [^\s`]+)? ([a-z][a-z-]*)"
    assert set(re.findall(command, text(page), re.MULTILINE)) - set(main.commands) == set()


@EVERY_PAGE
def test_metrics_exist(page: Path) -> None:
    named = set(re.findall(r"voice_gateway_(\w+)", text(page)))
    metrics = Metrics()
    metrics.watch_ari(dict)
    known = {family.name.removeprefix("voice_gateway_") for family in metrics.registry.collect()}
    known |= {"media_lateness_seconds", "media_dropped", "speech_cache", "provider_breaker"}
    assert {
        name for name in named if re.sub(r"_(total|bucket|sum|count)$", "", name) not in known
    } == set()


@EVERY_PAGE
def test_settings_exist(page: Path) -> None:
    sections = {setting.section for setting in every_setting()}
    known = {setting.name for setting in every_setting()}
    named = set(re.findall(rf"`((?:{'|'.join(sections)})\.[a-z_]+)`", text(page)))
    assert named - known - {"ari.conf"} == set()
