"""`actlab check`: what a config is and costs, without training it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from actlab.cli.reporting import BAD_CONFIG

if TYPE_CHECKING:
    from actlab.claims.case import Case


def check(
    configs: Annotated[list[Path], typer.Argument(help="YAML files, or folders of them.")],
    resolved: Annotated[
        bool, typer.Option("--resolved", help="Print every config resolved, of several as of one.")
    ] = False,
) -> None:
    """Validate configs; print parameters, memory and time; train nothing.

    One file is printed resolved, with every default; of several, or of a folder, each has a line,
    and what is wrong comes last. Of a config with a `sweep:` section every variant is validated,
    and all are counted together; of one with a `claims:` section every check, and the runs of
    --full as well.
    """
    from actlab.config import ConfigError
    from actlab.costs import counted
    from actlab.data.dataset import DataError

    files = _files(configs)
    several = files != configs or len(files) > 1
    faults: list[str] = []
    for path in files:
        try:
            whole = resolved or not several
            print(f"# {path}\n{_described(path)}\n" if whole else f"{path}: {_in_a_line(path)}")
        except ConfigError as error:
            faults += map(str, error.faults)
        except DataError as error:
            faults.append(f"{path}: {error}" if several else str(error))
    sys.stdout.flush()
    for fault in faults:
        print(fault, file=sys.stderr, flush=True)
    if several:
        print(f"{counted(len(files), 'config')}, {counted(len(faults), 'fault')}")
    raise typer.Exit(BAD_CONFIG if faults else 0)


def _described(path: Path) -> str:
    """All of one config: resolved if it is a single run, else counted."""
    from actlab.claims.case import has_claims, read_case
    from actlab.costs import costs
    from actlab.experiment import dump
    from actlab.sweeping.plan import plan
    from actlab.sweeping.tables import estimate

    if has_claims(path):
        case, whole = read_case(path), read_case(path, full=True)
        costing = f"{estimate(case.plan)}; --full: {estimate(whole.plan)}"
        return f"{_claims(case)}; {costing if case.trains else 'no runs'}"
    made = plan(path)
    if made.keys or made.tune:
        return f"{estimate(made)}; list them: actlab sweep {path} --dry-run"
    experiment = made.variants[0].experiment
    return f"{dump(experiment)}# {costs(experiment)}"


def _in_a_line(path: Path) -> str:
    """What a config is, and what it costs; every part of it is validated as in `_described`."""
    from actlab.claims.case import has_claims, read_case
    from actlab.costs import costs, most
    from actlab.sweeping.plan import plan
    from actlab.sweeping.tables import estimate

    if has_claims(path):
        case = read_case(path)
        read_case(path, full=True)
        made, what = case.plan, _claims(case)
        if not case.trains:
            return f"{what}; no runs"
    else:
        made, what = plan(path), "sweep"
        if not (made.keys or made.tune):
            return f"one run; {costs(made.variants[0].experiment)}"
    return f"{what}; {estimate(made)}; {most(one.experiment for one in made.variants)}"


def _claims(case: Case) -> str:
    from actlab.costs import counted

    said = ", ".join(f"{one.id} ({counted(len(one.checks), 'check')})" for one in case.claims)
    return f"claim{'s' * (len(case.claims) != 1)} {said}"


def _files(paths: list[Path]) -> list[Path]:
    """The files themselves, and every YAML file below the folders."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(p for p in path.rglob("*") if p.suffix in (".yaml", ".yml"))
        found += inside if path.is_dir() else [path]
    if not found:
        raise typer.BadParameter("there is no YAML file in it", param_hint="CONFIGS")
    return found
