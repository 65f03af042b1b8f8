"""What a check found, for people and for machines."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum

from rich.console import Console
from rich.table import Table
from rich.text import Text

_VERDICT_WIDTH = 7
_NAME_WIDTH = 26


class Verdict(StrEnum):
    """SKIPPED: could not be checked, because something before it failed."""

    WELL = "well"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's outcome. `detail` is what was seen; `fix` what to change, empty when well.

    `first_result_seconds` is how long a provider needed to begin its answer.
    """

    name: str
    verdict: Verdict
    detail: str
    fix: str = ""
    first_result_seconds: float | None = None

    @property
    def ok(self) -> bool:
        return self.verdict is Verdict.WELL


def well(name: str, detail: str, first_result_seconds: float | None = None) -> Finding:
    return Finding(name, Verdict.WELL, detail, first_result_seconds=first_result_seconds)


def failed(name: str, detail: str, fix: str) -> Finding:
    return Finding(name, Verdict.FAILED, detail, fix)


def skipped(name: str, because: str) -> Finding:
    return Finding(name, Verdict.SKIPPED, f"not checked: needs {because}")


_STYLES = {Verdict.WELL: "green", Verdict.FAILED: "bold red", Verdict.SKIPPED: "dim"}


def print_finding(finding: Finding, console: Console) -> None:
    """A line for the check, and under a failed one the fix."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for width in (_VERDICT_WIDTH, _NAME_WIDTH, None):
        table.add_column(width=width, overflow="fold")
    verdict = Text(finding.verdict, style=_STYLES[finding.verdict])
    table.add_row(verdict, Text(finding.name, style="bold"), Text(finding.detail))
    if finding.fix:
        table.add_row("", Text("fix:", style="yellow"), Text(finding.fix))
    console.print(table)


def print_findings(findings: Iterable[Finding], console: Console) -> None:
    """All of them, and a last line that says how it stands."""
    findings = tuple(findings)
    for finding in findings:
        print_finding(finding, console)
    console.print(summary(findings))


def summary(findings: Iterable[Finding]) -> str:
    """One line: all well, or how many checks failed and were not possible."""
    verdicts = [finding.verdict for finding in findings]
    wrong, open_ = verdicts.count(Verdict.FAILED), verdicts.count(Verdict.SKIPPED)
    if not wrong and not open_:
        return f"All well: {len(verdicts)} checks."
    return f"{wrong} of {len(verdicts)} checks failed, {open_} could not be made."


def to_json(findings: Iterable[Finding]) -> str:
    """`{"ok": …, "findings": [{"name", "verdict", "detail", "fix",
    "first_result_seconds"}, …]}`."""
    findings = tuple(findings)
    report = {
        "ok": all(finding.ok for finding in findings),
        "findings": [asdict(finding) for finding in findings],
    }
    return json.dumps(report, indent=2, ensure_ascii=False)
