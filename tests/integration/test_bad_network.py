"""A caller on a bad line: bursts of loss, jitter and reorder between the phone and Asterisk."""

import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from gateway.demo.ear import Ear
from gateway.demo.errors import Step
from gateway.demo.gateway_process import PROFILES, AriAccount, GatewayProcess
from gateway.demo.recogniser import Recogniser
from gateway.demo.words import share_heard
from gateway.lab.archive import cache_folder
from gateway.lab.asterisk import PrivateAsterisk
from gateway.lab.caller import Callers
from gateway.lab.speech import utterance
from gateway.lab.wiretap import Direction, Wiretap
from gateway.profile import load_profile
from tests.emulator import Conditions, GilbertElliott, Network

BAD = Conditions(
    delay=0.02, jitter=0.03, loss=GilbertElliott.bursty(0.03, burst=3), reorder=0.02, duplicate=0.01
)
TOPIC = "Opening hours"
QUESTION = "michael-hours"
PATIENCE = 30.0
PAUSE = 0.6
ENOUGH_WORDS = 0.6


@pytest.mark.timeout(180)
async def test_a_caller_on_a_bad_line_is_still_understood(
    asterisk: PrivateAsterisk, tmp_path: Path
) -> None:
    networks = {direction: Network(BAD, seed) for seed, direction in enumerate(Direction)}

    def impair(
        direction: Direction, arrived: float, datagram: bytes
    ) -> Iterable[tuple[float, bytes]]:
        return networks[direction].deliveries(arrived, datagram)

    account = AriAccount(asterisk.ari_url, asterisk.username, asterisk.password, asterisk.app)
    async with GatewayProcess(account, folder=tmp_path) as gateway:
        with Wiretap(asterisk.sip_address, impair=impair) as tap:
            async with Callers(tap.address) as callers:
                caller = callers.ring("100", number="5550301")
                await caller.answered(within=PATIENCE)
                ear = Ear(caller.heard, time.monotonic())
                await ear.utterance(Step.GREETING, after=0.0, within=PATIENCE, pause=PAUSE)
                await caller.say(utterance(QUESTION).audio)
                asked = time.monotonic() - ear.zero
                answer = await ear.utterance(
                    Step.FIRST_ANSWER, after=asked, within=PATIENCE, pause=PAUSE
                )
                caller.hang_up()
                await caller.ended()
    assert all(network.fates.lost for network in networks.values())
    assert all(network.fates.reordered for network in networks.values())
    topics = {topic.title: topic.answer for topic in load_profile(PROFILES / "clinic.toml").topics}
    heard = await Recogniser(cache_folder()).words(ear.audio(answer.start, answer.end))
    assert share_heard(topics[TOPIC], heard) >= ENOUGH_WORDS, heard
    assert len(gateway.call_records()) == 1
