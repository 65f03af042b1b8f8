"""A caller on a bad line: bursts of loss, jitter and reorder between the phone and Asterisk."""

from collections.abc import Iterable
from pathlib import Path

from gateway.demo.gateway_process import AriAccount, GatewayProcess
from gateway.demo.recogniser import Recogniser
from gateway.lab.archive import cache_folder
from gateway.lab.asterisk import PrivateAsterisk
from gateway.lab.caller import Callers
from gateway.lab.wiretap import Direction, Wiretap
from tests.emulator import Conditions, GilbertElliott, Network
from tests.integration.people import ask_until_answered, greeted, is_the_answer

BAD = Conditions(
    delay=0.02, jitter=0.03, loss=GilbertElliott.bursty(0.03, burst=3), reorder=0.02, duplicate=0.01
)


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
                ear = await greeted(caller)
                answer = await ask_until_answered(caller, ear)
                caller.hang_up()
                await caller.ended()
    assert all(network.fates.lost for network in networks.values())
    assert all(network.fates.reordered for network in networks.values())
    await is_the_answer(ear, answer, Recogniser(cache_folder()))
    assert len(gateway.call_records()) == 1
