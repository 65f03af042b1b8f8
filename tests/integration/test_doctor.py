"""The doctor at a real Asterisk: all well, and what an administrator gets wrong."""

import json
import os
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from gateway import config, doctor
from gateway.doctor import asterisk as legs
from gateway.doctor import live, media, parts
from gateway.doctor.finding import Finding, Verdict
from gateway.lab.asterisk import PrivateAsterisk
from gateway.lab.ports import SMALL, leased_range

ROOT = Path(__file__).parents[2]


@pytest.fixture
def quick_components(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real ones load in the tests of the command."""
    monkeypatch.setattr(live, "checks", lambda settings, needs: ())


@pytest.fixture
def port() -> Iterator[int]:
    with leased_range(SMALL) as ports:
        yield ports.start


def environment(asterisk: PrivateAsterisk, port: int, **more: str) -> dict[str, str]:
    return {
        "ARI_URL": asterisk.ari_url,
        "ARI_USERNAME": asterisk.username,
        "ARI_PASSWORD": asterisk.password,
        "RTP_BIND": f"127.0.0.1:{port}",
        "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache")),
        **more,
    }


needs_no_speech = pytest.mark.usefixtures("quick_components")


async def findings(variables: Mapping[str, str]) -> dict[str, Finding]:
    found = await doctor.run(config.load(environment=variables))
    return {finding.name: finding for finding in found}


@needs_no_speech
@pytest.mark.parametrize("codec", ["PCMU", "PCMA", "G722", "L16"])
async def test_all_legs_are_well(asterisk: PrivateAsterisk, port: int, codec: str) -> None:
    found = await findings(environment(asterisk, port, RTP_CODEC=codec))
    assert [finding for finding in found.values() if not finding.ok] == []
    assert "frames back" in found[media.BOTH_WAYS].detail


@needs_no_speech
async def test_a_wrong_password(asterisk: PrivateAsterisk, port: int) -> None:
    found = await findings(environment(asterisk, port, ARI_PASSWORD="wrong"))
    assert found[legs.REACHABLE].ok
    assert found[legs.AUTHORISED].verdict is Verdict.FAILED
    assert "401" in found[legs.AUTHORISED].detail
    assert found[media.BOTH_WAYS].verdict is Verdict.SKIPPED


@needs_no_speech
async def test_a_read_only_user(asterisk: PrivateAsterisk, port: int) -> None:
    found = await findings(environment(asterisk, port, ARI_USERNAME="watcher"))
    assert found[legs.AUTHORISED].verdict is Verdict.FAILED
    assert "403" in found[legs.AUTHORISED].detail
    assert "read_only = no" in found[legs.AUTHORISED].fix


@needs_no_speech
async def test_a_wrong_advertised_address(asterisk: PrivateAsterisk, port: int) -> None:
    found = await findings(environment(asterisk, port, RTP_ADVERTISE=f"127.0.0.9:{port}"))
    assert found[media.CHANNEL].ok
    assert found[media.ADVERTISED].verdict is Verdict.FAILED
    assert found[media.ADVERTISED].fix == f"set RTP_ADVERTISE=127.0.0.1:{port}"


@needs_no_speech
async def test_a_module_that_is_missing(own_asterisk: PrivateAsterisk, port: int) -> None:
    await own_asterisk.cli("module unload chan_rtp.so")
    found = await findings(environment(own_asterisk, port))
    assert found[legs.MODULES].verdict is Verdict.FAILED
    assert "chan_rtp.so" in found[legs.MODULES].detail
    assert found[media.CHANNEL].verdict is Verdict.FAILED
    assert found[parts.PROFILES].ok


@needs_no_speech
async def test_an_asterisk_that_is_stopped(own_asterisk: PrivateAsterisk, port: int) -> None:
    await own_asterisk.stop()
    found = await findings(environment(own_asterisk, port))
    assert found[legs.REACHABLE].verdict is Verdict.FAILED
    assert "Connection refused" in found[legs.REACHABLE].detail


@needs_no_speech
async def test_redis_is_asked(asterisk: PrivateAsterisk, port: int, redis_url: str) -> None:
    found = await findings(environment(asterisk, port, REDIS_URL=redis_url))
    assert found[parts.REDIS].ok
    assert "answers" in found[parts.REDIS].detail


@pytest.mark.parametrize(("password", "status"), [("", 0), ("wrong", 1)])
async def test_the_command_says_it_in_its_exit_status(
    asterisk: PrivateAsterisk, port: int, password: str, status: int
) -> None:
    variables = environment(asterisk, port)
    variables["ARI_PASSWORD"] = password or asterisk.password
    process = await create_subprocess_exec(
        *(sys.executable, "-m", "gateway", "doctor", "--json"),
        cwd=ROOT,
        env={**os.environ, **variables},
        stdout=PIPE,
    )
    output, _ = await process.communicate()
    assert process.returncode == status
    assert json.loads(output)["ok"] is (status == 0)
