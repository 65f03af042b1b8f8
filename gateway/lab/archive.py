"""Real Asterisk, phones and Redis from the Debian archive, in a private folder, without root.

A bundle is a few packages and the shared libraries they need, unpacked side by side and run by
the folder's own dynamic loader. Nothing of the host is changed: apt runs with a configuration,
lists and package status of its own. Packages are verified by apt with the archive's keyring.
"""

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.lab.errors import LabError

UNWANTED = ("./usr/share/doc", "./usr/share/man", "./usr/share/locale", "./usr/share/lintian")
KEPT_HOST_OPTIONS = re.compile(r"Acquire::(https?|Check-Date|Retries|ForceIPv[46])\b")


@dataclass(frozen=True, slots=True)
class Bundle:
    """Packages that are unpacked into one folder."""

    name: str
    programs: tuple[str, ...]
    """Unpacked with every library that their `Depends` name."""
    data: tuple[str, ...] = ()
    """Unpacked alone."""
    libraries: tuple[str, ...] = ()
    """Further libraries, with their own closure: what a few plug-ins in `data` link to."""

    @property
    def packages(self) -> tuple[str, ...]:
        return self.programs + self.data


ASTERISK = Bundle(
    "asterisk",
    programs=("asterisk",),
    data=("asterisk-modules", "asterisk-core-sounds-en-gsm"),
    libraries=("libopus0", "libgsm1", "zlib1g"),
)
PHONES = Bundle("phones", programs=("baresip-core",))
SIPP = Bundle("sipp", programs=("sip-tester",))
REDIS = Bundle("redis", programs=("redis-tools",), data=("redis-server",))
FLITE = Bundle("flite", programs=("flite",))
ESPEAK = Bundle("espeak-ng", programs=("espeak-ng",), data=("espeak-ng-data",))
PROMPTS = Bundle("prompts", programs=(), data=("asterisk-core-sounds-en-wav",))


@dataclass(frozen=True, slots=True)
class Archive:
    """A package archive that the host's own apt already trusts and uses."""

    address: str
    suite: str
    components: str
    keyring: Path


DISTRIBUTIONS: Mapping[str, tuple[str, str, str]] = {
    # Asterisk 22 is in no released Debian before forky, and in Ubuntu's universe since 25.04.
    "debian": ("forky", "main", "debian-archive-keyring"),
    "ubuntu": ("resolute", "main universe", "ubuntu-keyring"),
}


@dataclass(frozen=True, slots=True)
class Root:
    """An unpacked bundle."""

    path: Path

    def command(self, program: str) -> tuple[str, ...]:
        """The command line prefix that runs `program` (a path inside the root, no leading /)."""
        loader = next(self.path.glob("usr/lib/*-linux-gnu*/ld-linux-*.so.*"), None)
        if loader is None or not (self.path / program).exists():
            raise LabError(program, f"missing in {self.path}: remove that folder and try again")
        return (str(loader), "--library-path", str(loader.parent), str(self.path / program))

    @property
    def libraries(self) -> Path:
        """The folder of shared libraries, named for the machine (`usr/lib/x86_64-linux-gnu`)."""
        return next(self.path.glob("usr/lib/*-linux-gnu*"))


def cache_folder() -> Path:
    """`$XDG_CACHE_HOME/voice-gateway`, by default below `~/.cache`."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "voice-gateway"


def bring(bundle: Bundle, say: Callable[[str], None] = lambda line: None) -> Root:
    """The unpacked `bundle`, fetched first if it is not in the cache (5 to 10 s).

    `say` gets one line before a fetch begins. Safe to call from several processes at once.
    Raises LabError where there is no archive, keyring, network or space.
    """
    root = cache_folder() / "debian" / bundle.name
    if (root / "stamp").is_file() and (root / "stamp").read_text() == _stamp(bundle):
        return Root(root)
    with _lock(cache_folder() / "debian.lock"):
        if not (root / "stamp").is_file() or (root / "stamp").read_text() != _stamp(bundle):
            archive = host_archive()
            say(f"bringing {', '.join(bundle.packages)} from {archive.address} {archive.suite}")
            _fetch(bundle, archive, root)
    return Root(root)


def _stamp(bundle: Bundle) -> str:
    return repr(bundle) + "\n"


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


# ---- which archive -----------------------------------------------------------------------------


def host_archive(etc: Path = Path("/etc"), keyrings: Path = Path("/usr/share/keyrings")) -> Archive:
    """The distribution archive of the host's apt sources, with the suite that has Asterisk 22.

    Reads the sources themselves, so that it works before the first `apt-get update`.
    """
    release = _os_release(etc / "os-release")
    names = [release.get("ID", ""), *release.get("ID_LIKE", "").split()]
    distribution = next((name for name in names if name in DISTRIBUTIONS), None)
    if distribution is None or shutil.which("apt-get") is None:
        raise LabError("archive", "Debian or Ubuntu is needed; elsewhere put Asterisk 22 on PATH")
    suite, components, package = DISTRIBUTIONS[distribution]
    address = _main_address(etc / "apt", release.get("VERSION_CODENAME", ""))
    if address is None:
        raise LabError(
            "archive", f"no {distribution} archive in {etc}/apt/sources.list(.d): add one"
        )
    keyring = keyrings / f"{distribution}-archive-keyring.gpg"
    if not keyring.is_file():
        raise LabError("archive", f"{keyring} is missing: apt-get install {package}")
    return Archive(address, suite, components, keyring)


def _os_release(path: Path) -> dict[str, str]:
    pairs = (line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
    return {key: value.strip("\"'") for key, value in pairs}


def _main_address(apt: Path, codename: str) -> str | None:
    """The first address that serves the host's release itself (not its security updates)."""
    found = list(_sources(apt))
    for wanted in (codename, "stable", "testing", "unstable", "sid"):
        for address, suites in found:
            if wanted in suites:
                return address
    return None


def _sources(apt: Path) -> Iterator[tuple[str, list[str]]]:
    """(address, suites) of every binary source, from both file formats of sources.list(5)."""
    folder = apt / "sources.list.d"
    lists = [apt / "sources.list", *sorted(folder.glob("*.list"))]
    for path in lists:
        if path.is_file():
            yield from _one_line_sources(path.read_text())
    for path in sorted(folder.glob("*.sources")):
        yield from _deb822_sources(path.read_text())


def _one_line_sources(text: str) -> Iterator[tuple[str, list[str]]]:
    for line in text.splitlines():
        match = re.match(r"deb\s+(?:\[[^\]]*\]\s*)?(\S+)\s+(\S+)", line.strip())
        if match and not match[1].startswith("cdrom:"):
            yield match[1].rstrip("/"), [match[2]]


def _deb822_sources(text: str) -> Iterator[tuple[str, list[str]]]:
    for stanza in re.split(r"\n\s*\n", re.sub(r"(?m)^#.*\n?", "", text)):
        unfolded = re.sub(r"\n[ \t]+", " ", stanza)
        fields = {
            key.lower(): value.split()
            for key, _, value in (line.partition(":") for line in unfolded.splitlines())
        }
        if "deb" in fields.get("types", []) and fields.get("enabled") != ["no"]:
            for address in fields.get("uris", []):
                yield address.rstrip("/"), fields.get("suites", [])


# ---- fetching ----------------------------------------------------------------------------------


def _fetch(bundle: Bundle, archive: Archive, root: Path) -> None:
    """Download, unpack beside `root`, and put in place in one step."""
    apt = _PrivateApt(archive, cache_folder() / "apt")
    packages = apt.download(bundle)
    fresh = root.with_name(root.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda package: _unpack(package, fresh), packages))
    (fresh / "stamp").write_text(_stamp(bundle))
    shutil.rmtree(root, ignore_errors=True)
    fresh.rename(root)
    for leftover in (*packages, *apt.caches):
        leftover.unlink()


def _unpack(package: Path, root: Path) -> None:
    exclude = [f"--exclude={path}" for path in UNWANTED]
    command = f'dpkg-deb --fsys-tarfile "$0" | tar -xf - -C "$1" {" ".join(exclude)}'
    _run("unpacking", ["bash", "-o", "pipefail", "-c", command, str(package), str(root)])


class _PrivateApt:
    """apt with lists, cache and package status of its own, pointed at one archive."""

    def __init__(self, archive: Archive, folder: Path) -> None:
        self._folder = folder
        self._downloads = folder / "archives"
        for path in (folder / "lists/partial", folder / "parts", self._downloads / "partial"):
            path.mkdir(parents=True, exist_ok=True)
        # An empty status file: nothing is installed, so that the closure is complete.
        (folder / "status").write_text("")
        (folder / "sources.list").write_text(
            f"deb [signed-by={archive.keyring}] {archive.address} {archive.suite} "
            f"{archive.components}\n"
        )
        (folder / "apt.conf").write_text(_host_options() + APT_CONFIGURATION.format(folder=folder))
        self._environment = {**os.environ, "APT_CONFIG": str(folder / "apt.conf"), "LC_ALL": "C"}

    @property
    def caches(self) -> list[Path]:
        """apt's index caches: large, and quickly made again."""
        return list(self._folder.glob("*pkgcache.bin"))

    def download(self, bundle: Bundle) -> list[Path]:
        """Fetch the bundle's packages and the libraries they link to; the files, verified."""
        for stale in self._downloads.glob("*.deb"):
            stale.unlink()
        self._apt("apt-get", "-q", "update")
        libraries = sorted({*self._declared_libraries(bundle), *bundle.libraries})
        if libraries:
            self._apt("apt-get", "-qq", "-y", "--download-only", "install", *libraries)
        self._apt("apt-get", "-qq", "download", *bundle.packages)
        return sorted(self._downloads.glob("*.deb"))

    def _declared_libraries(self, bundle: Bundle) -> Iterator[str]:
        """Only `lib*` of Depends: leaves out perl, adduser and what only a service needs."""
        if not bundle.programs:
            return
        shown = self._apt("apt-cache", "show", "--no-all-versions", *bundle.programs)
        for line in re.findall(r"(?m)^(?:Pre-)?Depends: (.*)$", shown):
            names = (re.split(r"[ |(:]", item.strip())[0] for item in line.split(","))
            yield from (name for name in names if name.startswith("lib"))

    def _apt(self, *command: str) -> str:
        return _run("archive", command, cwd=self._downloads, environment=self._environment)


# APT_CONFIG is read before the host's apt.conf.d; Dir::Etc::parts then switches that folder off:
# hosts made for containers delete downloads there, and hooks there want root.
APT_CONFIGURATION = """\
APT::Install-Recommends "false";
Acquire::GzipIndexes "true";
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::Check-Valid-Until "false";
Acquire::Retries "3";
Dir::Etc::parts "{folder}/parts";
Dir::Etc::sourcelist "{folder}/sources.list";
Dir::Etc::sourceparts "{folder}/parts";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "{folder}/parts";
Dir::State "{folder}";
Dir::State::lists "{folder}/lists";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}";
Dir::Cache::archives "{folder}/archives";
Debug::NoLocking "true";
"""


def _host_options() -> str:
    """The host's proxy and connection settings, which the private apt must share."""
    dump = _run("archive", ["apt-config", "dump"])
    lines = [line for line in dump.splitlines() if KEPT_HOST_OPTIONS.match(line)]
    return "".join(f"{line}\n" for line in lines)


def _run(
    part: str,
    command: list[str] | tuple[str, ...],
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> str:
    done = subprocess.run(
        command, cwd=cwd, env=environment, text=True, capture_output=True, check=False
    )
    if done.returncode != 0:
        errors = [line for line in done.stderr.splitlines() if line.startswith("E:")]
        reason = (errors or done.stderr.splitlines() or ["no message"])[0]
        raise LabError(part, f"{' '.join(command[:3])} failed: {reason}")
    return done.stdout
