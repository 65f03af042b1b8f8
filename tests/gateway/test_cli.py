"""The command line, as an operator meets it."""

import asyncio
import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
from click.testing import CliRunner, Result

from gateway import __main__ as command_line
from gateway import __version__
from gateway.config import Settings
from gateway.errors import AriUnauthorized, ConfigError, ProviderRefused

HOME = Path(__file__).parents[2]
GOOD = f'[ari]\npassword = "s3cret"\n[profiles]\nfolder = "{HOME}/profiles"\n'

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command line in an empty folder with nothing of ours in the environment."""
    monkeypatch.chdir(tmp_path)
    for variable in ("ARI_PASSWORD", "ARI_URL", "ARI_USERNAME", "ARI_APP"):
        monkeypatch.delenv(variable, raising=False)

    def run(*arguments: str, config: str = GOOD) -> Result:
        (tmp_path / "gateway.toml").write_text(config, "utf-8")
        return CliRunner().invoke(command_line.main, arguments)

    return run


def one_line(result: Result) -> str:
    assert result.output.count("\n") == 1
    return result.output


def test_the_version_is_told(run: Run) -> None:
    assert one_line(run("--version")) == f"voice-gateway, version {__version__}\n"


def test_check_config_names_the_profiles(run: Run) -> None:
    result = run("check-config")
    assert result.exit_code == 0
    assert "default" in one_line(result)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("[ari]\n", "Error: ari.password = <missing>: "),
        (GOOD + "[calls]\nmax_cals = 3\n", "Error: calls.max_cals = <not shown>: "),
        (GOOD + 'default = "sales"\n', "Error: profiles.default = sales: there is no such profile"),
        (GOOD.replace("/profiles", "/nowhere"), "Error: profiles.folder = "),
        (GOOD + '[money]\nprice_table = "none.toml"\n', "Error: money.price_table = "),
    ],
)
def test_mistakes_are_one_line_and_exit_status_2(run: Run, config: str, message: str) -> None:
    result = run("check-config", config=config)
    assert result.exit_code == 2
    assert one_line(result).startswith(message)


def test_the_price_table_can_be_copied_and_used(run: Run, tmp_path: Path) -> None:
    shown = run("print-prices")
    assert shown.exit_code == 0
    (tmp_path / "prices.toml").write_text(shown.output.replace("USD", "EUR"), "utf-8")
    again = run("print-prices", config=GOOD + '[money]\nprice_table = "prices.toml"\n')
    assert 'currency = "EUR"' in again.output


def test_a_named_file_must_exist(run: Run) -> None:
    result = run("--config", "elsewhere.toml", "print-config")
    assert result.exit_code == 2
    assert one_line(result).startswith("Error: --config = elsewhere.toml: no such file")


def test_print_config_shows_values_and_origins_but_no_secret(run: Run) -> None:
    result = run("print-config")
    assert result.exit_code == 0
    assert 'url = "http://127.0.0.1:8088"  # default' in result.output
    assert 'password = "**********"  # file' in result.output
    assert "s3cret" not in result.output


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts a part that tells what it was asked into the place of `gateway.<name>`."""
    monkeypatch.setattr("gateway.log.configure", lambda settings, stream: None)

    def stand_in(package: str, name: str, **members: object) -> None:
        part = SimpleNamespace(**members)
        monkeypatch.setitem(sys.modules, f"{package}.{name}", part)
        monkeypatch.setattr(importlib.import_module(package), name, part, raising=False)

    return stand_in


def serving(stand_in: Callable[..., None], outcome: BaseException | None) -> list[Settings]:
    """An application that ends with `outcome`."""
    served: list[Settings] = []

    async def serve(settings: Settings) -> None:
        served.append(settings)
        await asyncio.sleep(0)
        if outcome is not None:
            raise outcome

    stand_in("gateway", "app", serve=serve)
    return served


def test_serve_runs_the_application_with_the_settings(
    run: Run, stand_in: Callable[..., None]
) -> None:
    served = serving(stand_in, None)
    assert run("serve").exit_code == 0
    assert served[0].ari.password.get_secret_value() == "s3cret"


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (ConfigError("rtp.bind", "10.0.0.1:4000", "taken"), 2, "rtp.bind = 10.0.0.1:4000: taken"),
        (ProviderRefused("deepgram", "401"), 1, "deepgram: 401"),
        (
            ExceptionGroup("tasks", [ExceptionGroup("", [AriUnauthorized("getInfo", 401, "no")])]),
            1,
            "ARI getInfo: 401 no",
        ),
        (ProviderRefused("azure", "two\nlines"), 1, "azure: two lines"),
    ],
)
def test_errors_of_the_application_are_one_line(
    run: Run, stand_in: Callable[..., None], error: BaseException, status: int, line: str
) -> None:
    serving(stand_in, error)
    result = run("serve")
    assert result.exit_code == status
    assert one_line(result) == f"Error: {line}\n"


@pytest.mark.parametrize("bug", [KeyError("x"), ExceptionGroup("tasks", [KeyError("x")])])
def test_a_bug_is_not_hidden(run: Run, stand_in: Callable[..., None], bug: Exception) -> None:
    serving(stand_in, bug)
    result = run("serve")
    assert result.exit_code == 1
    assert result.exception is not None
    assert not isinstance(result.exception, click.ClickException | SystemExit)


def doctoring(stand_in: Callable[..., None], verdicts: Sequence[bool]) -> None:
    """A doctor who finds as many things as there are verdicts."""
    findings = [SimpleNamespace(name=f"check {n}", ok=ok) for n, ok in enumerate(verdicts)]

    async def examine(
        settings: Settings, tell: Callable[[SimpleNamespace], None]
    ) -> list[SimpleNamespace]:
        for finding in findings:
            tell(finding)
        return findings

    stand_in(
        "gateway",
        "doctor",
        run=examine,
        print_finding=lambda finding, console: console.print(finding.name),
        summary=lambda found: f"{len(found)} checks",
        to_json=lambda found: json.dumps([finding.ok for finding in found]),
    )


@pytest.mark.parametrize(("verdicts", "status"), [((True, True), 0), ((True, False), 1)])
def test_the_doctor_s_findings_decide_the_exit_status(
    run: Run, stand_in: Callable[..., None], verdicts: tuple[bool, ...], status: int
) -> None:
    doctoring(stand_in, verdicts)
    result = run("doctor")
    assert result.exit_code == status
    assert result.output == "check 0\ncheck 1\n2 checks\n"


def test_the_doctor_speaks_nothing_but_json_to_machines(
    run: Run, stand_in: Callable[..., None]
) -> None:
    doctoring(stand_in, [True, False])
    result = run("doctor", "--json")
    assert result.exit_code == 1
    assert json.loads(result.output) == [True, False]


@pytest.mark.parametrize("status", [0, 1, 130])
def test_the_demonstration_s_outcome_is_the_exit_status(
    run: Run, stand_in: Callable[..., None], status: int
) -> None:
    outputs: list[Path] = []

    def show(output: Path) -> int:
        outputs.append(output)
        return status

    stand_in("gateway.demo", "demonstration", main=show)
    assert run("demo").exit_code == status
    assert run("demo", "--output", "elsewhere").exit_code == status
    assert outputs == [Path("build/demo"), Path("elsewhere")]


def test_sweeping_tells_how_much_there_was(run: Run, stand_in: Callable[..., None]) -> None:
    async def sweep(settings: Settings) -> int:
        return 3

    stand_in("gateway", "app", sweep=sweep)
    assert one_line(run("sweep")) == "Cleared away: 3.\n"


def test_preparing_needs_no_asterisk(
    run: Run, stand_in: Callable[..., None], tmp_path: Path
) -> None:
    prepared: list[Path] = []
    stand_in("gateway.providers", "moonshine_weights", prepare=prepared.append)
    result = run("prepare", config='[cache]\nfolder = "models"\n')
    assert result.exit_code == 0
    assert prepared == [tmp_path / "models"]


def test_it_runs_as_a_module() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "gateway", "--version"], capture_output=True, text=True, check=True
    )
    assert told.stdout == f"voice-gateway, version {__version__}\n"
