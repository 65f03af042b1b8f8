"""The gateway as an administrator runs it: its own process, started, stopped, killed, misled."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from gateway.demo.gateway_process import CHECKOUT, PROFILES, AriAccount, GatewayProcess
from gateway.lab.asterisk import PrivateAsterisk
from gateway.lab.caller import Callers
from tests.waiting import until


def account(asterisk: PrivateAsterisk) -> AriAccount:
    return AriAccount(asterisk.ari_url, asterisk.username, asterisk.password, asterisk.app)


async def command(*arguments: str, environment: Mapping[str, str]) -> tuple[int | None, str]:
    """Run `voice-gateway`; its exit status and all it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "gateway",
        *arguments,
        cwd=CHECKOUT,
        env={"PATH": os.defpath, "HOME": str(Path.home()), **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(60):
        output, _ = await process.communicate()
    return process.returncode, output.decode()


async def test_a_gateway_that_is_told_to_stop_hands_its_callers_on(
    asterisk: PrivateAsterisk, tmp_path: Path
) -> None:
    async with Callers(asterisk.sip_address) as callers:
        async with GatewayProcess(account(asterisk), folder=tmp_path) as gateway:
            caller = await callers.call("100")
            await caller.answered()
            await caller.hears_voice(since=0.0)
            quiet = await caller.hears_quiet()
            os.kill(gateway.pid, signal.SIGTERM)
            await caller.hears_voice(since=quiet)  # the dialplan's own announcement
            caller.hang_up()
            await caller.ended()
        (record,) = gateway.call_records()
        assert record["end_reason"] == "draining"


async def test_callers_reach_the_dialplans_fallback_while_no_gateway_runs(
    asterisk: PrivateAsterisk,
) -> None:
    async with Callers(asterisk.sip_address) as callers:
        caller = await callers.call("100")
        await caller.answered()
        await caller.hears_voice(since=0.0)
        caller.hang_up()
        await caller.ended()


async def test_callers_of_a_gateway_that_was_killed_are_swept_to_the_fallback(
    asterisk: PrivateAsterisk, tmp_path: Path
) -> None:
    async with Callers(asterisk.sip_address) as callers:
        async with GatewayProcess(account(asterisk), folder=tmp_path) as gateway:
            caller = await callers.call("100")
            await caller.answered()
            await caller.hears_voice(since=0.0)
            os.kill(gateway.pid, signal.SIGKILL)
        quiet = await caller.hears_quiet()
        known = account(asterisk)
        environment = {
            "ARI_URL": known.url,
            "ARI_USERNAME": known.username,
            "ARI_PASSWORD": known.password,
            "ARI_APP": known.app,
        }
        status, output = await command("sweep", environment=environment)
        assert (status, output.strip().splitlines()[-1]) == (0, "Cleared away: 3.")
        await caller.hears_voice(since=quiet)
        caller.hang_up()
        await caller.ended()


async def test_what_was_said_survives_a_gateway_that_is_killed(
    asterisk: PrivateAsterisk, redis_url: str, tmp_path: Path
) -> None:
    redis = {"REDIS_URL": redis_url}
    async with Callers(asterisk.sip_address) as callers:
        async with GatewayProcess(account(asterisk), folder=tmp_path, environment=redis) as gateway:
            caller = await callers.call("100")
            await caller.answered()
            await caller.hears_voice(since=0.0)
            quiet = await caller.hears_quiet()
            os.kill(gateway.pid, signal.SIGKILL)
        assert gateway.call_records() == []
        async with GatewayProcess(account(asterisk), folder=tmp_path, environment=redis) as gateway:
            await caller.hears_voice(since=quiet)  # the dialplan's own announcement
            caller.hang_up()
            await caller.ended()
            # Redis may be slow to tell, and is waited for as long as the gateway runs.
            await until(lambda: gateway.call_records() != [])
        (record,) = gateway.call_records()
    assert record["end_reason"] == "gateway died"
    conversation = record["conversation"]
    assert isinstance(conversation, dict)
    [greeting] = conversation["turns"]
    assert greeting["kind"] == "greeting"
    assert greeting["text"] == greeting["said"] != ""


async def test_a_wrong_password_is_one_line_that_does_not_show_it(
    asterisk: PrivateAsterisk,
) -> None:
    environment = {
        "ARI_URL": asterisk.ari_url,
        "ARI_USERNAME": asterisk.username,
        "ARI_PASSWORD": "not-the-password",
        "RTP_BIND": "127.0.0.1:0",
        "ADMIN_BIND": "127.0.0.1:0",
        "PROFILES_FOLDER": str(PROFILES),
        "LOGGING_LEVEL": "error",
    }
    status, output = await command("serve", environment=environment)
    assert status == 2
    (line,) = output.strip().splitlines()
    assert "ari.password" in line
    assert "ARI_PASSWORD" in line
    assert "not-the-password" not in line


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"RTP_ADVERTISE": "0.0.0.0:4000"}, "RTP_ADVERTISE = 0.0.0.0:4000"),
        ({"RTP_ADVERTISE": "somewhere"}, "RTP_ADVERTISE = somewhere"),
        ({"PROFILES_DEFAULT": "nobody"}, "profiles.default = nobody"),
        ({"ARI_PASSWORT": "x"}, "ARI_PASSWORT"),
        ({"ARI_URL": "ftp://asterisk"}, "ARI_URL = ftp://asterisk"),
        ({"RTP_BIND": "192.0.2.1:4000"}, "rtp.bind = 192.0.2.1:4000"),
        ({"STT_PROVIDER": "nobody"}, "nobody"),
    ],
)
async def test_what_an_administrator_got_wrong_is_one_line_with_the_fix(
    environment: Mapping[str, str], named: str
) -> None:
    base = {
        "ARI_PASSWORD": "secret",
        "ADMIN_BIND": "127.0.0.1:0",
        "PROFILES_FOLDER": str(PROFILES),
        "PROFILES_DEFAULT": "clinic",
        "LOGGING_LEVEL": "error",
    }
    status, output = await command("serve", environment=base | dict(environment))
    assert status == 2
    (line,) = output.strip().splitlines()
    assert named in line


async def test_an_unreadable_knowledge_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "clinic.toml").write_text('greeting = "Hello."\nknowledge = ["gone.md"]\n')
    environment = {
        "ARI_PASSWORD": "secret",
        "ADMIN_BIND": "127.0.0.1:0",
        "PROFILES_FOLDER": str(tmp_path),
        "PROFILES_DEFAULT": "clinic",
        "LOGGING_LEVEL": "error",
    }
    status, output = await command("serve", environment=environment)
    assert status == 2
    (line,) = output.strip().splitlines()
    assert "gone.md" in line
    assert "knowledge" in line
