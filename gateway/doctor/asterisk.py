"""Is Asterisk there, does it let us in, and has it what the gateway needs?"""

import re

from gateway.ari.rest import Rest
from gateway.ari.websocket import connect
from gateway.doctor.examination import Examination
from gateway.doctor.finding import Finding, failed, well
from gateway.errors import (
    AriError,
    AriForbidden,
    AriNotFound,
    AriNotUp,
    AriUnauthorized,
    AriUnreachable,
)
from rtp.codec import Codec

REACHABLE = "ARI reachable"
AUTHORISED = "ARI user"
MODULES = "Asterisk modules"
WEBSOCKET = "event WebSocket"
APPLICATION = "Stasis application"

OLDEST = 18
NEEDED_MODULES = {
    "res_http_websocket.so": "events",
    "res_stasis.so": "Stasis",
    "res_stasis_answer.so": "answering calls",
    "app_stasis.so": "Stasis() in the dialplan",
    "res_ari.so": "ARI",
    "res_ari_applications.so": "ARI",
    "res_ari_asterisk.so": "ARI",
    "res_ari_bridges.so": "ARI",
    "res_ari_channels.so": "ARI",
    "res_ari_events.so": "ARI",
    "bridge_simple.so": "bridges",
    "res_rtp_asterisk.so": "RTP",
    "res_rtp_multicast.so": "externalMedia: chan_rtp.so uses a function of it",
    "chan_rtp.so": "externalMedia",
}
"""What must be loaded whatever the codec, and what for."""

CODEC_MODULES = {
    Codec.PCMU: "codec_ulaw.so",
    Codec.PCMA: "codec_alaw.so",
    Codec.G722: "codec_g722.so",
    Codec.L16: "codec_resample.so",
}
"""What callers of another codec need to be understood in ours."""

_NOBODY = "voice-gateway-doctor-nobody"


async def reachable(examination: Examination) -> Finding:
    """Something answers at the address, it is ARI, and its version is one we know."""
    url = examination.settings.ari.url
    try:
        info = await examination.ari.asterisk.get_info()
    except AriUnauthorized:
        return well(REACHABLE, f"Asterisk answers at {url}")
    except AriError as error:
        return failed(REACHABLE, f"{url}: {_seen(error)}", _fix_for_reaching(error))
    version = info.system.version
    if (major := _major(version)) is not None and major < OLDEST:
        return failed(
            REACHABLE, f"Asterisk {version} at {url}", f"use Asterisk {OLDEST} or later, best 22"
        )
    return well(REACHABLE, f"Asterisk {version} at {url}")


async def authorised(examination: Examination) -> Finding:
    """The user may look, and may act: hanging up nobody is 403 for who may only read."""
    username = examination.settings.ari.username
    try:
        await examination.ari.asterisk.ping()
        await examination.ari.channels.hangup(_NOBODY)
    except AriNotFound:
        return well(AUTHORISED, f"{username} may read and write")
    except AriUnauthorized:
        return failed(
            AUTHORISED,
            f"401: Asterisk refuses user {username} with this password",
            f"make ARI_USERNAME and ARI_PASSWORD match a [{username}] section with type = user in "
            "Asterisk's ari.conf, then: asterisk -rx 'module reload res_ari.so'",
        )
    except AriForbidden:
        return failed(
            AUTHORISED,
            f"403: user {username} may only read",
            f"set read_only = no in [{username}] of Asterisk's ari.conf, "
            "then: asterisk -rx 'module reload res_ari.so'",
        )
    except AriError as error:
        return failed(AUTHORISED, _seen(error), _fix_for_reaching(error))
    raise AssertionError("a channel that nobody made was hung up")


async def modules(examination: Examination) -> Finding:
    """All that the gateway needs is loaded and running."""
    try:
        loaded = await examination.ari.asterisk.list_modules()
    except AriError as error:
        return failed(MODULES, _seen(error), "load res_ari_asterisk.so in modules.conf")
    codec = examination.settings.rtp.codec
    needed = {**NEEDED_MODULES, CODEC_MODULES[codec]: f"codec {codec}"}
    running = {module.name for module in loaded if module.status == "Running"}
    missing = [name for name in needed if name not in running]
    if not missing:
        return well(MODULES, f"all {len(needed)} needed ones run")
    reasons = ", ".join(f"{name} ({needed[name]})" for name in missing)
    load = ", ".join(f"load = {name}" for name in missing)
    return failed(
        MODULES,
        f"not running: {reasons}",
        f"in modules.conf: {load}; take out a noload of it; then restart Asterisk",
    )


async def websocket(examination: Examination) -> Finding:
    """The WebSocket opens and with it an application registers: the doctor's own."""
    settings = examination.ari.settings
    try:
        async with Rest(settings) as rest, await connect(rest):
            await examination.ari.applications.get(settings.app)
    except AriNotFound:
        return failed(
            WEBSOCKET,
            f"opens, but the application {settings.app} is not registered",
            "point ARI_URL at one Asterisk: requests and events reach different ones",
        )
    except AriError as error:
        return failed(
            WEBSOCKET,
            _seen(error),
            "load res_http_websocket.so and res_ari_events.so; a proxy in between must pass "
            "WebSocket upgrades on; sessionlimit in http.conf counts WebSockets, too",
        )
    return well(WEBSOCKET, f"opens, and an application registers ({settings.app})")


async def application(examination: Examination) -> Finding:
    """Whether a gateway serves the configured application now. Well either way."""
    name = examination.settings.ari.app
    try:
        held = await examination.ari.applications.get(name)
    except AriNotFound:
        return well(APPLICATION, f"{name} is not registered: no gateway runs, callers go on")
    except AriError as error:
        return failed(APPLICATION, _seen(error), _fix_for_reaching(error))
    return well(APPLICATION, f"{name} is registered: a gateway runs, {_calls(held.channel_ids)}")


def _calls(channel_ids: tuple[str, ...]) -> str:
    return f"{len(channel_ids)} channels in it" if channel_ids else "no calls now"


def _major(version: str) -> int | None:
    """22 of `22.10.1`, 20 of `certified-20.7-cert2`; None for builds from a repository."""
    match = re.match(r"(?:certified[-/])?(\d+)\.", version)
    return int(match[1]) if match else None


def _seen(error: AriError) -> str:
    return error.message if error.status is None else f"{error.status}: {error.message}"


def _fix_for_reaching(error: AriError) -> str:
    match error:
        case AriUnreachable():
            return (
                "start Asterisk; let its http.conf say enabled = yes, with a bindaddr and bindport "
                "that ARI_URL names; let firewalls in between pass TCP to that port"
            )
        case AriNotUp(status=503):
            return "not up yet: Asterisk is still starting (or stopping); try again in a moment"
        case AriNotUp():
            return (
                "not up yet, or no ARI there: try again in a moment; then load res_ari.so, let "
                "ari.conf say enabled = yes, and add http.conf's prefix, if it has one, to ARI_URL"
            )
        case AriNotFound():
            return "ARI answers without its parts: load the res_ari_*.so modules in modules.conf"
        case _:
            return "is ARI_URL the address of Asterisk's HTTP server? Look into Asterisk's log"
