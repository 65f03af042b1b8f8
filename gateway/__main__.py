"""The command line: `voice-gateway [--config FILE] COMMAND`.

Exit status: 0 all well, 1 something failed, 2 a setting or profile is wrong, or the command line.
Errors are one line on standard error; a traceback is a bug.
"""

import asyncio
import sys
from importlib import import_module
from pathlib import Path

import click
import uvloop
from rich.console import Console

from gateway import __version__, config, log
from gateway.errors import ConfigError, GatewayError, first_of
from gateway.money.prices import SHIPPED, load_prices
from gateway.profile import choose_profile, load_profiles
from gateway.reference import effective

EXIT_FAILED = 1


class Misconfigured(click.ClickException):
    """A setting, profile or knowledge file is wrong."""

    exit_code = 2


class OneLineErrors(click.Group):
    """Turns the gateway's errors, and only those, into one line and an exit status."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except* GatewayError as errors:
            first = first_of(errors)
        refusal = Misconfigured if isinstance(first, ConfigError) else click.ClickException
        raise refusal(" ".join(str(first).split()))


@click.group(cls=OneLineErrors, context_settings={"max_content_width": 100})
@click.version_option(__version__, prog_name="voice-gateway")
@click.option(
    "--config",
    "file",
    type=click.Path(path_type=Path),
    help="Settings; without it gateway.toml in the working directory, if there is one.",
)
@click.pass_context
def main(context: click.Context, file: Path | None) -> None:
    """A self-hosted AI voice gateway for Asterisk."""
    context.obj = file


@main.command()
@click.pass_obj
def serve(file: Path | None) -> None:
    """Answer calls until told to stop (Ctrl-C or SIGTERM)."""
    from gateway import app

    settings = config.load(file)
    log.configure(settings.logging, sys.stderr)
    uvloop.run(app.serve(settings))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Findings as JSON on standard output.")
@click.pass_context
def doctor(context: click.Context, *, as_json: bool) -> None:
    """Prove each leg of a call, and print the fix for what fails."""
    from gateway import doctor as physician

    settings = config.load(context.obj)
    log.configure(config.Logging(level=config.LogLevel.ERROR), sys.stderr)
    console = Console(quiet=as_json, highlight=False)
    findings = asyncio.run(
        physician.run(settings, lambda finding: physician.print_finding(finding, console))
    )
    console.print(physician.summary(findings))
    if as_json:
        click.echo(physician.to_json(findings))
    context.exit(0 if all(finding.ok for finding in findings) else EXIT_FAILED)


@main.command()
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("build/demo"),
    show_default=True,
    help="Folder for the call's recordings, record and picture.",
)
@click.pass_context
def demo(context: click.Context, output: Path) -> None:
    """Make a real call through a real Asterisk and prove it from the recordings."""
    try:
        from gateway.demo import demonstration
    except ModuleNotFoundError as missing:
        needed = "pip install --require-hashes -r requirements/dev.txt"
        raise click.ClickException(f"the demonstration needs {missing.name}: {needed}") from None
    context.exit(demonstration.main(output))


@main.command()
@click.pass_obj
def prepare(file: Path | None) -> None:
    """Make the embedded recogniser and the media plane ready, and bring a second voice: once per
    machine."""
    from gateway.lab import archive
    from gateway.lab.errors import LabError
    from gateway.providers import moonshine_weights
    from gateway.providers.classic import Classic

    settings = config.load_without_asterisk(file)
    cache = settings.cache.folder
    moonshine_weights.prepare(cache)
    # What they compile is kept.
    import_module("rtp.engine")
    import_module("gateway.conversation.loudness")
    speaks = "espeak" in settings.tts.provider
    for bundle in (archive.FLITE, archive.ESPEAK) if speaks else (archive.FLITE,):
        if not Classic(programs=bundle.programs).programs():
            try:
                archive.bring(bundle, click.echo)
            except LabError as error:
                click.echo(f"No second voice to fall back to: {error}", err=True)
    click.echo(f"Ready in {cache}.")


@main.command()
@click.pass_obj
def sweep(file: Path | None) -> None:
    """Clear away what a gateway that died left in Asterisk; callers go on in the dialplan."""
    from gateway import app

    settings = config.load(file)
    log.configure(settings.logging, sys.stderr)
    click.echo(f"Cleared away: {asyncio.run(app.sweep(settings))}.")


@main.command()
@click.pass_obj
def check_config(file: Path | None) -> None:
    """Try settings, profiles, knowledge and prices, and say what is wrong."""
    settings = config.load(file)
    profiles = load_profiles(settings.profiles.folder)
    choose_profile(profiles, settings.profiles.default, field="profiles.default")
    load_prices(settings.money.price_table)
    click.echo(f"All well. Profiles: {', '.join(profiles)}.")


@main.command()
@click.pass_obj
def print_config(file: Path | None) -> None:
    """Show the settings in effect and where each comes from."""
    found = config.load_with_origins(file)
    click.echo(effective(found.settings, found.origins), nl=False)


@main.command()
@click.pass_obj
def print_prices(file: Path | None) -> None:
    """Show the price table in effect, to be copied, checked and edited (money.price_table)."""
    settings = config.load_without_asterisk(file)
    load_prices(settings.money.price_table)
    click.echo((settings.money.price_table or SHIPPED).read_text("utf-8"), nl=False)


if __name__ == "__main__":
    main()
