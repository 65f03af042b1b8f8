"""A private Asterisk on loopback: configured from ari-config/, started, stopped, nothing left."""

import asyncio
import os
import re
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp

from gateway.lab.archive import ASTERISK, bring
from gateway.lab.errors import LabError
from gateway.lab.ports import LOOPBACK, leased_range
from gateway.lab.process import Process

ARI_CONFIG = Path(__file__).parents[2] / "ari-config"
COMPLETE = ARI_CONFIG / "complete"
OLDEST = {20: 7, 21: 2}
"""The minor version from which a release line has all we use; 22 and later have it from .0."""
START_SECONDS = 30.0
FIRST_RTP_PORT = 20
"""Of the leased ports; before it are those for HTTP and SIP."""
FOLDERS = ("etc", "lib", "run", "log", "cache", "agi", "moh", "data/sounds", "spool/recording")


# ---- which Asterisk ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Installation:
    """An Asterisk that can be run: the host's own, or one in the cache."""

    version: str
    command: tuple[str, ...]
    modules: Path
    data: Path
    sounds: Path


def installation(say: Callable[[str], None] = lambda line: None) -> Installation:
    """The host's Asterisk where it serves, else Asterisk 22 in the cache (fetched if missing)."""
    # An ordinary user's PATH on Debian leaves the sbin folders out.
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin"])
    program = shutil.which("asterisk", path=path)
    return (_on_host(Path(program)) if program else None) or _in_cache(say)


def _on_host(program: Path) -> Installation | None:
    version = _version((str(program),))
    prefix = program.resolve().parent.parent
    modules = _first(prefix, "lib/*-linux-gnu*/asterisk/modules", "lib*/asterisk/modules")
    data = _first(prefix, "share/asterisk/documentation", "../var/lib/asterisk/documentation")
    sounds = _first(prefix, "share/asterisk/sounds/en*", "../var/lib/asterisk/sounds/en*")
    if not modules or not data or not sounds or not _is_recent(version):
        return None
    if _missing_modules(modules) or not list(sounds.glob("vm-nobodyavail.*")):
        return None
    return Installation(version, (str(program),), modules, data.parent, sounds)


def _in_cache(say: Callable[[str], None]) -> Installation:
    root = bring(ASTERISK, say)
    command = root.command("usr/sbin/asterisk")
    modules = root.libraries / "asterisk/modules"
    if missing := _missing_modules(modules):
        raise LabError("asterisk", f"the archive's build has no {', '.join(sorted(missing))}")
    data = root.path / "usr/share/asterisk"
    return Installation(_version(command), command, modules, data, data / "sounds/en_US_f_Allison")


def _version(command: tuple[str, ...]) -> str:
    """`22.10.1` of `Asterisk 22.10.1+dfsg…`; empty where it does not even start."""
    shown = subprocess.run([*command, "-V"], text=True, capture_output=True, check=False).stdout
    match = re.search(r"\d+\.\d+\.\d+", shown)
    return match[0] if match else ""


def _is_recent(version: str) -> bool:
    if not version:
        return False
    major, minor, _ = (int(part) for part in version.split("."))
    return major >= 22 or (major in OLDEST and minor >= OLDEST[major])


def _first(prefix: Path, *patterns: str) -> Path | None:
    return next((path for pattern in patterns for path in sorted(prefix.glob(pattern))), None)


def _listed_modules() -> dict[str, bool]:
    """The modules that ari-config loads, and whether Asterisk must have them."""
    text = (COMPLETE / "modules.conf").read_text()
    lines = re.findall(r"(?m)^load = (\S+)(.*)$", text)
    return {name: "if present" not in comment for name, comment in lines}


def _missing_modules(folder: Path) -> set[str]:
    present = {path.name for path in folder.glob("*.so")}
    return {name for name, needed in _listed_modules().items() if needed} - present


# ---- running it --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ports:
    """Where a private Asterisk listens on loopback; 0 means any free port."""

    http: int = 0
    sip: int = 0


class PrivateAsterisk:
    """`async with PrivateAsterisk() as asterisk:` — running and answering ARI inside the block.

    Everything it writes is in a temporary folder that goes with it. Several may run side by side.
    Raises LabError where it cannot be had, started or reached.
    """

    def __init__(
        self,
        *,
        ports: Ports = Ports(),
        app: str = "voice-gateway",
        username: str = "voice-gateway",
        password: str | None = None,
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.app = app
        self.username = username
        self.password = password or secrets.token_urlsafe(12)
        self._ports = ports
        self._say = say
        self._stack = AsyncExitStack()

    def __repr__(self) -> str:
        return f"<PrivateAsterisk {self.version} ari={self.ari_url} sip={self.sip_address}>"

    @property
    def version(self) -> str:
        return self._installation.version

    @property
    def ari_url(self) -> str:
        return f"http://{LOOPBACK}:{self.http_port}"

    @property
    def sip_address(self) -> str:
        """`ip:port` for SIP URIs: `sip:100@{sip_address}`."""
        return f"{LOOPBACK}:{self.sip_port}"

    @property
    def log(self) -> Path:
        """Asterisk's own log: notices, warnings, errors, dialplan steps."""
        return self.folder / "log/full"

    @property
    def pid(self) -> int:
        return self._process.pid

    async def __aenter__(self) -> Self:
        self._installation = await asyncio.to_thread(installation, self._say)
        async with AsyncExitStack() as stack:
            self.folder = Path(tempfile.mkdtemp(prefix="voice-gateway-asterisk-"))
            stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
            ports = stack.enter_context(leased_range())
            self.http_port = self._ports.http or ports[0]
            self.sip_port = self._ports.sip or ports[1]
            self.rtp_ports = ports[FIRST_RTP_PORT:]
            self._render()
            await self._start(stack)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def cli(self, command: str) -> str:
        """What Asterisk's console prints for `command`, e.g. `core show channels`."""
        process = await asyncio.create_subprocess_exec(
            *self._command("-rx", command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, error = await process.communicate()
        if process.returncode != 0:
            raise LabError("asterisk", f"{command}: {(error or output).decode().strip()}")
        return output.decode()

    def check(self) -> None:
        """LabError with its last words where it has ended by itself."""
        self._process.check()

    async def stop(self) -> None:
        """Stop it early, as an administrator would; leaving the block removes what is left."""
        await self._process.stop()

    async def restart(self) -> None:
        """Stop and start with the same ports and files."""
        await self._process.stop()
        await self._start(self._stack)

    async def _start(self, stack: AsyncExitStack) -> None:
        self._process = await stack.enter_async_context(
            Process(
                "asterisk",
                self._command("-f"),
                folder=self.folder,
                log=self.folder / "log/console",
            )
        )
        await self._wait_until_up()

    async def _wait_until_up(self) -> None:
        """ARI refuses, then answers 404, then 503, then 200 (0.5 to 2 s altogether)."""
        headers = {"Authorization": aiohttp.encode_basic_auth(self.username, self.password)}
        async with aiohttp.ClientSession(headers=headers) as session:
            try:
                async with asyncio.timeout(START_SECONDS):
                    while await self._status(session) != 200:
                        self._process.check()
                        await asyncio.sleep(0.05)
            except TimeoutError:
                raise LabError("asterisk", f"not up: {self._process.last_words()}") from None

    async def _status(self, session: aiohttp.ClientSession) -> int | None:
        try:
            async with session.get(f"{self.ari_url}/ari/asterisk/ping") as answer:
                return answer.status
        except aiohttp.ClientConnectionError:
            return None

    def _command(self, *arguments: str) -> tuple[str, ...]:
        configuration = str(self.folder / "etc/asterisk.conf")
        return (*self._installation.command, "-C", configuration, *arguments)

    # ---- its files

    def _render(self) -> None:
        for name in FOLDERS:
            (self.folder / name).mkdir(parents=True)
        self._link_data()
        values = self._values()
        for source in COMPLETE.glob("*.conf"):
            text = re.sub(r"@([A-Z_]+)@", lambda match: values[match[1]], source.read_text())
            if source.name == "modules.conf":
                text = self._without_absent_modules(text)
            (self.folder / "etc" / source.name).write_text(text)

    def _values(self) -> dict[str, str]:
        return {
            "RUN": str(self.folder),
            "MODULES": str(self._installation.modules),
            "SNIPPETS": str(ARI_CONFIG / "asterisk"),
            "HTTP_PORT": str(self.http_port),
            "SIP_PORT": str(self.sip_port),
            "RTP_START": str(self.rtp_ports.start),
            "RTP_END": str(self.rtp_ports.stop - 1),
            "ARI_USERNAME": self.username,
            "ARI_PASSWORD": self.password,
            "ARI_APP": self.app,
        }

    def _link_data(self) -> None:
        """The package's read-only data, and folders of our own where Asterisk may write."""
        data = self.folder / "data"
        for name in ("documentation", "rest-api", "static-http"):
            if (self._installation.data / name).exists():
                (data / name).symlink_to(self._installation.data / name)
        (data / "sounds/en").symlink_to(self._installation.sounds)
        for music in self._installation.sounds.glob("demo-congrats.*"):
            (self.folder / "moh" / music.name).symlink_to(music)

    def _without_absent_modules(self, text: str) -> str:
        for name, needed in _listed_modules().items():
            if not needed and not (self._installation.modules / name).exists():
                text = re.sub(rf"(?m)^load = {re.escape(name)}.*\n", "", text)
        return text
