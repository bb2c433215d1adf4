"""`actlab gradcheck`: analytic gradients against centred differences."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from actlab.cli import completion
from actlab.cli.reporting import RUN_FAILED, results_console

if TYPE_CHECKING:
    from actlab.nn.gradcheck import Finding


def gradcheck(
    config: Annotated[
        Path | None, typer.Argument(help="YAML file; every registered part if absent.")
    ] = None,
    overrides: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="KEY=VALUE",
            help="Dotted path and YAML value.",
            autocompletion=completion.overrides,
        ),
    ] = None,
) -> None:
    """Check gradients in float64, h = 1e-5, on a small copy of CONFIG's network or on every part.

    Relative errors up to 1e-7 are right, up to 1e-4 fair, up to 1e-2 doubtful, above wrong; steps
    across a kink are left out. Ends with 1 if a check is worse than fair.
    """
    from actlab import registry  # noqa: F401 (registers all parts)
    from actlab.checking import check_experiment, check_parts
    from actlab.experiment import load

    if config is None:
        checks = dict(check_parts())
        rows = [(title, _worst(findings)) for title, findings in checks.items()]
    else:
        findings = check_experiment(load(config, overrides or []))
        rows = [(finding.what, finding) for finding in findings]
    _show(rows)
    if not all(finding.passed for _, finding in rows):
        raise typer.Exit(RUN_FAILED)


def _worst(findings: list[Finding]) -> Finding:
    """One finding for all arrays of a part: the largest error, the elements of all."""
    from actlab.nn.gradcheck import Finding

    worst = max(findings, key=lambda finding: finding.error)
    checked = sum(f.checked for f in findings)
    return Finding(worst.what, worst.error, checked, sum(f.at_kinks for f in findings))


def _show(rows: list[tuple[str, Finding]]) -> None:
    from rich.table import Table

    table = Table(title="gradients against centred differences")
    table.add_column("checked")
    for column in ("relative error", "elements", "left out at kinks", "verdict"):
        table.add_column(column, justify="right")
    for title, finding in rows:
        cells = (f"{finding.error:.1e}", str(finding.checked), str(finding.at_kinks))
        table.add_row(title, *cells, finding.verdict)
    results_console().print(table)
