"""Which archive a host's apt configuration leads to. Nothing is fetched here."""

from pathlib import Path

import pytest

from gateway.lab.archive import Archive, host_archive
from gateway.lab.errors import LabError

ONE_LINE = """\
# deb http://commented.example/debian bookworm main
deb cdrom:[Debian GNU/Linux 12]/ bookworm main
deb http://security.example/debian-security bookworm-security main
deb-src http://sources.example/debian bookworm main
deb [arch=amd64 signed-by=/some/key.gpg] http://archive.example/debian/ bookworm main contrib
"""
DEB822 = """\
Types: deb
URIs: http://security.example/debian-security
Suites: bookworm-security
Components: main

# the main archive
Types: deb deb-src
URIs:
 http://archive.example/debian
 http://second.example/debian
Suites: bookworm bookworm-updates
Components: main
"""
DISABLED = "Enabled: no\n"


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    (tmp_path / "etc/apt/sources.list.d").mkdir(parents=True)
    (tmp_path / "etc/os-release").write_text('ID=debian\nVERSION_CODENAME="bookworm"\n')
    return tmp_path / "etc"


@pytest.fixture
def keyrings(tmp_path: Path) -> Path:
    (tmp_path / "debian-archive-keyring.gpg").touch()
    (tmp_path / "ubuntu-archive-keyring.gpg").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("sources.list", ONE_LINE),
        ("sources.list.d/debian.list", ONE_LINE),
        ("sources.list.d/debian.sources", DEB822),
    ],
)
def test_the_archive_is_the_one_that_serves_the_release_itself(
    etc: Path, keyrings: Path, file: str, text: str
) -> None:
    (etc / "apt" / file).write_text(text)
    assert host_archive(etc, keyrings) == Archive(
        "http://archive.example/debian", "forky", "main", keyrings / "debian-archive-keyring.gpg"
    )


def test_a_source_that_is_switched_off_does_not_count(etc: Path, keyrings: Path) -> None:
    (etc / "apt/sources.list.d/debian.sources").write_text(DEB822 + DISABLED)
    with pytest.raises(LabError, match="no debian archive"):
        host_archive(etc, keyrings)


def test_ubuntu_is_served_by_a_newer_suite_of_its_own_archive(etc: Path, keyrings: Path) -> None:
    (etc / "os-release").write_text("ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=noble\n")
    (etc / "apt/sources.list").write_text("deb http://archive.example/ubuntu noble universe\n")
    assert host_archive(etc, keyrings) == Archive(
        "http://archive.example/ubuntu",
        "resolute",
        "main universe",
        keyrings / "ubuntu-archive-keyring.gpg",
    )


def test_a_missing_keyring_is_named_with_the_package_that_has_it(etc: Path, tmp_path: Path) -> None:
    (etc / "apt/sources.list").write_text(ONE_LINE)
    with pytest.raises(LabError, match=r"keyring.gpg is missing: apt-get install debian-archive"):
        host_archive(etc, tmp_path / "none")


def test_another_distribution_is_told_what_to_do(etc: Path, keyrings: Path) -> None:
    (etc / "os-release").write_text("ID=fedora\n")
    with pytest.raises(LabError, match="put Asterisk 22 on PATH"):
        host_archive(etc, keyrings)
