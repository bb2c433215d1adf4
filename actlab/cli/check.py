"""`actlab check`: what a config is and costs, without training it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from actlab.cli.reporting import BAD_CONFIG


def check(
    configs: Annotated[list[Path], typer.Argument(help="YAML files, or folders of them.")],
) -> None:
    """Validate configs, print them resolved, with parameters, memory and time; train nothing.

    Of a config with a `sweep:` section every variant is validated, and all are counted together;
    of one with a `claims:` section every check, and the runs of --full as well.
    """
    from actlab.config import ConfigError
    from actlab.data.dataset import DataError

    faulty = 0
    for path in _files(configs):
        try:
            print(f"# {path}\n{_described(path)}\n")
        except (ConfigError, DataError) as error:
            faulty += 1
            print(error, file=sys.stderr)
    raise typer.Exit(BAD_CONFIG if faulty else 0)


def _described(path: Path) -> str:
    from actlab.claims.case import has_claims, read_case
    from actlab.costs import costs
    from actlab.experiment import dump
    from actlab.sweeping.plan import plan
    from actlab.sweeping.tables import estimate

    if has_claims(path):
        case, whole = read_case(path), read_case(path, full=True)
        claims = ", ".join(f"{one.id} ({len(one.checks)} checks)" for one in case.claims)
        costing = f"{estimate(case.plan)}; --full: {estimate(whole.plan)}"
        return f"claims {claims}; {costing if case.trains else 'no runs'}"
    made = plan(path)
    if made.keys or made.tune:
        return f"{estimate(made)}; list them: actlab sweep {path} --dry-run"
    experiment = made.variants[0].experiment
    return f"{dump(experiment)}# {costs(experiment)}"


def _files(paths: list[Path]) -> list[Path]:
    """The files themselves, and every YAML file below the folders."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(p for p in path.rglob("*") if p.suffix in (".yaml", ".yml"))
        found += inside if path.is_dir() else [path]
    if not found:
        raise typer.BadParameter("there is no YAML file in it", param_hint="CONFIGS")
    return found
