"""The real parts themselves: what the other integration tests stand on."""

import asyncio
import os
import shlex
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from gateway.lab.asterisk import ARI_CONFIG, Ports, PrivateAsterisk, installation
from gateway.lab.caller import Callers
from gateway.lab.errors import LabError
from gateway.lab.hearing import (
    FRAME_SECONDS,
    MULAW,
    VOICE_LEVEL,
    Packet,
    Voice,
    level,
    timeline,
    voices,
)
from gateway.lab.phone import Answer, Happening
from gateway.lab.ports import leased_range
from gateway.lab.sound import TELEPHONE_RATE, read_wav, write_wav
from gateway.lab.wiretap import Direction, Wiretap
from tests.integration.conftest import PhoneFactory
from tests.waiting import until

PAUSE = 2.0
"""Seconds of silence that end what is heard: more than a busy machine stands still."""


def hum(*, hertz: float = 440, seconds: float) -> NDArray[np.float32]:
    times = np.arange(int(seconds * TELEPHONE_RATE)) / TELEPHONE_RATE
    return (0.3 * np.sin(2 * np.pi * hertz * times)).astype(np.float32)


def tone(path: Path, *, hertz: float, seconds: float) -> Path:
    write_wav(path, hum(hertz=hertz, seconds=seconds))
    return path


def loud_seconds(path: Path) -> float:
    """How long the recording is louder than a quiet line."""
    samples = read_wav(path)
    frames = samples[: len(samples) // 160 * 160].reshape(-1, 160)
    return float(np.sum(np.sqrt(np.mean(frames**2, axis=1)) > 0.05) * 0.02)


def voiced(packets: Sequence[Packet]) -> float:
    """Seconds of voice in them, however late they came."""
    loud = [packet for packet in packets if packet.payload_type == MULAW]
    return FRAME_SECONDS * sum(level(packet.payload) >= VOICE_LEVEL for packet in loud)


def stretches(packets: Sequence[Packet]) -> list[Voice]:
    """The stretches of voice; a machine that stands still for a moment does not make two of one."""
    return voices(packets, pause=PAUSE)


async def heard_out(packets: Sequence[Packet], *, times: int = 1) -> None:
    """So many stretches of voice came, and then silence."""

    def over() -> bool:
        found = stretches(packets)
        return len(found) >= times and packets[-1].time - found[-1].end > PAUSE + 0.2

    await until(over)


async def test_a_phone_hears_itself_on_the_echo_line(
    asterisk: PrivateAsterisk, phone: PhoneFactory, tmp_path: Path
) -> None:
    with Wiretap(asterisk.sip_address) as tap:
        caller = await phone("caller", recordings=tmp_path)
        await caller.dial(f"sip:300@{tap.address}")
        await caller.say(tone(tmp_path / "tone.wav", hertz=440, seconds=0.5))
        await heard_out(tap.call.heard)
        await caller.close()
    assert loud_seconds(tmp_path / "caller-heard.wav") == pytest.approx(0.5, abs=0.2)


async def test_two_phones_talk_and_either_can_hold(
    asterisk: PrivateAsterisk, phone: PhoneFactory, tmp_path: Path
) -> None:
    with Wiretap(asterisk.sip_address) as tap:
        person = await phone("1001", register=tap.address, answer=Answer.AUTO, recordings=tmp_path)
        caller = await phone("caller")
        await caller.dial(f"sip:1001@{asterisk.sip_address}")
        await caller.hold()
        await caller.resume()
        await caller.say(tone(tmp_path / "tone.wav", hertz=440, seconds=0.5))
        await heard_out(tap.call.heard)
        await caller.hang_up()
        await person.wait_for(Happening.CLOSED)
        await person.close()
    assert loud_seconds(tmp_path / "1001-heard.wav") == pytest.approx(0.5, abs=0.2)


async def test_a_busy_phone_refuses(asterisk: PrivateAsterisk, phone: PhoneFactory) -> None:
    await phone("1002", register=asterisk.sip_address, answer=Answer.BUSY)
    caller = await phone("caller")
    with pytest.raises(LabError, match="486"):
        await caller.dial(f"sip:1002@{asterisk.sip_address}")


async def test_without_a_gateway_the_dialplan_takes_the_caller_to_a_person(
    asterisk: PrivateAsterisk, phone: PhoneFactory
) -> None:
    await phone("1001", register=asterisk.sip_address, answer=Answer.AUTO)
    caller = await phone("caller")
    await caller.dial(f"sip:100@{asterisk.sip_address}")
    assert "1001" in await asterisk.cli("core show channels concise")


async def test_without_gateway_and_person_the_caller_hears_an_announcement(
    asterisk: PrivateAsterisk, phone: PhoneFactory, tmp_path: Path
) -> None:
    with Wiretap(asterisk.sip_address) as tap:
        caller = await phone("caller", recordings=tmp_path)
        await caller.dial(f"sip:100@{tap.address}")
        await until(lambda: voiced(tap.call.heard) > 0.8)
        await caller.close()
    assert loud_seconds(tmp_path / "caller-heard.wav") > 0.3


async def test_redis_starts_empty(redis_url: str) -> None:
    from redis.asyncio import Redis

    async with Redis.from_url(redis_url) as client:
        assert await client.dbsize() == 0
        await client.set("call", "here")
        assert await client.dbsize() == 1


async def test_asterisk_is_gone_with_its_files_and_ports_after_the_block() -> None:
    with leased_range() as ports:  # nobody else's afterwards, either
        async with PrivateAsterisk(ports=Ports(http=ports[0], sip=ports[1])) as asterisk:
            folder, pid = asterisk.folder, asterisk.pid
            assert folder.exists()
            await asterisk.restart()
        assert not folder.exists()
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", ports[0])


async def test_a_light_caller_hears_its_echo_and_says_when(asterisk: PrivateAsterisk) -> None:
    async with Callers(asterisk.sip_address) as callers:
        caller = await callers.call("300")
        spoken = await caller.say(hum(seconds=2.0))
        await heard_out(caller.heard)
        (echo,) = stretches(caller.heard)
    assert voiced(caller.heard) == pytest.approx(2.0, abs=0.2)
    assert spoken.start < echo.start < spoken.end


async def test_keys_arrive_in_asterisk_as_they_were_pressed(asterisk: PrivateAsterisk) -> None:
    async with Callers(asterisk.sip_address) as callers:
        caller = await callers.call("306")
        caller.press("12#")
        await caller.ended()
    await until(lambda: "keys 12" in asterisk.log.read_text())


async def test_refused_cancelled_and_hung_up_calls_leave_nothing(asterisk: PrivateAsterisk) -> None:
    async with Callers(asterisk.sip_address) as callers:
        with pytest.raises(LabError, match="486"):
            await callers.call("304")
        ringing = [callers.ring("305", number=str(number)) for number in range(5)]
        ringing[0].hang_up()  # before Asterisk has said a word
        for caller in ringing:
            caller.hang_up()
            await caller.ended()
        assert {caller.status for caller in ringing} == {487}
    # that Asterisk has no channel left is what the fixture sees to


async def test_fifty_callers_at_once(asterisk: PrivateAsterisk) -> None:
    async with Callers(asterisk.sip_address) as callers:
        fifty = [callers.ring("300", number=str(number)) for number in range(50)]
        await asyncio.gather(*(caller.answered() for caller in fifty))
        await asyncio.gather(*(caller.say(hum(seconds=0.5)) for caller in fifty))
        await asyncio.gather(*(heard_out(caller.heard) for caller in fifty))
        heard = [stretches(caller.heard) for caller in fifty]
    assert [len(each) for each in heard] == [1] * 50


async def test_the_tap_hears_what_the_phone_hears_and_says_when(
    asterisk: PrivateAsterisk, phone: PhoneFactory, tmp_path: Path
) -> None:
    with Wiretap(asterisk.sip_address) as tap:
        caller = await phone("caller", recordings=tmp_path)
        await caller.dial(f"sip:300@{tap.address}")
        await caller.say(tone(tmp_path / "tone.wav", hertz=440, seconds=1.0))
        await heard_out(tap.call.heard)
        await caller.hold()
        await caller.resume()
        await caller.say(tone(tmp_path / "tone.wav", hertz=440, seconds=1.0))
        await heard_out(tap.call.heard, times=2)
        await caller.close()
        said, heard = stretches(tap.call.said), stretches(tap.call.heard)
    assert len(said) == len(heard) == 2
    for mouth, ear in zip(said, heard, strict=True):
        assert mouth.start < ear.start < mouth.end
    echo = timeline(tap.call.heard, start=said[0].start, end=said[0].end)
    assert np.sqrt(np.mean(echo**2)) == pytest.approx(0.3 / np.sqrt(2), rel=0.2)


async def test_the_tap_impairs_what_passes(asterisk: PrivateAsterisk) -> None:
    def every_other_late(
        direction: Direction, now: float, datagram: bytes
    ) -> list[tuple[float, bytes]]:
        even = datagram[3] % 2 == 0
        return [(now + 0.03, datagram)] if even or direction is Direction.HEARD else []

    with Wiretap(asterisk.sip_address, impair=every_other_late) as tap:
        async with Callers(tap.address) as callers:
            caller = await callers.call("300")
            await caller.say(hum(seconds=1.0))
            said = len(tap.call.said)
            await until(lambda: len(tap.call.heard) > 0.4 * said)
            assert len(tap.call.heard) < 0.6 * len(tap.call.said)


async def test_a_registered_phone_is_tapped_on_calls_it_receives(
    asterisk: PrivateAsterisk, phone: PhoneFactory
) -> None:
    with Wiretap(asterisk.sip_address) as tap:
        person = await phone("1001", register=tap.address, answer=Answer.AUTO)
        async with Callers(asterisk.sip_address) as callers:
            caller = await callers.call("1001")
            await caller.say(hum(seconds=0.5))
            await heard_out(tap.call.heard)
        await person.wait_for(Happening.CLOSED)
        await person.close()  # says so to Asterisk through the tap
    assert voiced(tap.call.heard) == pytest.approx(0.5, abs=0.2)


async def test_the_dialplan_for_freepbx_falls_back_too(own_asterisk: PrivateAsterisk) -> None:
    dialplan = own_asterisk.folder / "etc/extensions.conf"
    without_ours = dialplan.read_text().replace("#include", ";")
    freepbx = (ARI_CONFIG / "freepbx/extensions_custom.conf").read_text()
    dialplan.write_text(
        "\n".join(
            [
                without_ours.replace("include => ai-lines", "include => from-internal-custom"),
                freepbx,
                "[from-did-direct]",
                "exten => 1001,1,Answer()",
                " same => n,Verbose(1,fell back because ${STASISSTATUS})",
            ]
        )
    )
    await own_asterisk.cli("dialplan reload")
    async with Callers(own_asterisk.sip_address) as callers:
        caller = await callers.call("7100")
        await caller.ended()
    await until(lambda: "fell back because FAILED" in own_asterisk.log.read_text())


@pytest.fixture
def asterisk_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cached Asterisk, laid out and called as a distribution's package is."""
    cached = installation()
    for link, target in {
        "lib/asterisk/modules": cached.modules,
        "share/asterisk/documentation": cached.data / "documentation",
        "share/asterisk/rest-api": cached.data / "rest-api",
        "share/asterisk/static-http": cached.data / "static-http",
        "share/asterisk/sounds/en": cached.sounds,
    }.items():
        (tmp_path / link).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / link).symlink_to(target)
    program = tmp_path / "sbin/asterisk"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.join(cached.command)} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    return program


async def test_an_asterisk_on_path_is_used(asterisk_on_path: Path) -> None:
    async with PrivateAsterisk() as asterisk, Callers(asterisk.sip_address) as callers:
        assert installation().command == (str(asterisk_on_path),)
        assert (await callers.call("300")).status == 200


def test_an_asterisk_on_path_that_is_too_old_is_not(asterisk_on_path: Path) -> None:
    asterisk_on_path.write_text("#!/bin/sh\necho Asterisk 20.6.0\n")
    assert str(asterisk_on_path) not in installation().command
