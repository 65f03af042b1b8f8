"""`make asterisk`: a private Asterisk in the foreground, to try the gateway with any SIP phone."""

import asyncio
import os
import signal
import sys
from contextlib import suppress

from rich.console import Console

from gateway.lab.asterisk import Ports, PrivateAsterisk
from gateway.lab.errors import LabError
from gateway.lab.ports import is_free

USUAL_HTTP, USUAL_SIP = 8088, 5060
LOOK_AFTER_SECONDS = 1.0
WELCOME = """\
Asterisk {version} is running, on loopback only. Ctrl-C stops it and removes its files.

  the gateway    [bold]ARI_URL={url} ARI_USERNAME={username} ARI_PASSWORD={password} make run[/]
  a caller       any SIP phone on this machine, no account needed:
                 sip:100@{sip}   the clinic's agent        sip:300@{sip}   an echo
  the person     a phone registered at {sip} as 1001 (1002 is billing), without a password
  its log        {log}
"""


async def main() -> None:
    console = Console(highlight=False, soft_wrap=True)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with PrivateAsterisk(
        ports=Ports(
            http=USUAL_HTTP if is_free(USUAL_HTTP) else 0,
            sip=USUAL_SIP if is_free(USUAL_SIP) else 0,
        ),
        app=os.environ.get("ARI_APP") or "voice-gateway",
        username=os.environ.get("ARI_USERNAME") or "voice-gateway",
        password=os.environ.get("ARI_PASSWORD"),
        say=console.print,
    ) as asterisk:
        console.print(
            WELCOME.format(
                version=asterisk.version,
                url=asterisk.ari_url,
                username=asterisk.username,
                password=asterisk.password,
                sip=asterisk.sip_address,
                log=asterisk.log,
            )
        )
        await _until(stop, asterisk)


async def _until(stop: asyncio.Event, asterisk: PrivateAsterisk) -> None:
    """Return when told to stop; LabError where Asterisk ends by itself."""
    while not stop.is_set():
        asterisk.check()
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_AFTER_SECONDS):
                await stop.wait()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except LabError as error:
        sys.exit(str(error))
