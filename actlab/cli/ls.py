"""`actlab ls`: the runs that are there, by any setting."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from actlab.runs import Run

_FILTER = re.compile(r"([\w.]+)(!=|<=|>=|=|<|>)(.*)")


def ls(
    filters: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[KEY=VALUE]...",
            help="model.init=he_normal, model.depth>5, status!=finished, val_accuracy>=0.5.",
        ),
    ] = None,
    results: Annotated[Path, typer.Option(help="Folder to look in.")] = Path("results"),
    show: Annotated[
        list[str] | None,
        typer.Option(help="Column: a path or metric; may be repeated. What differs if absent."),
    ] = None,
    sort: Annotated[str | None, typer.Option(help="Path or metric to sort by.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List runs, filtered by settings (dotted paths), status, seconds or final metrics."""
    from actlab.runs import differing, find_runs

    tests = [_parsed(text) for text in filters or []]
    runs = [run for run in find_runs([results]) if all(_passes(run, *test) for test in tests)]
    if sort:
        runs.sort(key=lambda run: _order(value_of(run, sort)))
    default = ["status", "val_accuracy", *differing([run.config for run in runs])] if runs else []
    columns = show or default
    if as_json:
        for run in runs:
            found = {name: value_of(run, name) for name in columns}
            print(json.dumps({**found, "run_dir": str(run.directory)}))
    elif runs:
        _print(columns, runs)


def value_of(run: Run, name: str) -> Any:
    """What a run has under a name: its status, a final metric, or a setting."""
    if name == "status":
        return run.status
    metric = run.metric(name)
    return run.setting(name) if metric is None else metric


def _print(columns: list[str], runs: list[Run]) -> None:
    """Columns as wide as their widest cell; rich would take seconds for thousands of rows."""
    from actlab.comparing import part_shown

    cells = []
    for name in columns:
        values = [value_of(run, name) for run in runs]
        seen: dict[str, str] = {}
        others = list({json.dumps(value): value for value in values}.values())
        texts = [seen.setdefault(json.dumps(v), _short(part_shown(v, others))) for v in values]
        width = max(map(len, (name, *texts)))
        cells.append([text.ljust(width) for text in (name, *texts)])
    cells.append(["run_dir", *(str(run.directory) for run in runs)])
    print("\n".join("  ".join(row) for row in zip(*cells, strict=True)))


def _short(text: str) -> str:
    try:
        return f"{float(text):.4g}"
    except ValueError:
        return text


def _parsed(text: str) -> tuple[str, str, Any]:
    from actlab.config import parse

    found = _FILTER.fullmatch(text)
    if found is None:
        raise typer.BadParameter(f"cannot read {text!r}; write KEY=VALUE", param_hint="KEY=VALUE")
    name, sign, value = found.groups()
    return name, sign, parse(value, f"command line: {text}").value


def _passes(run: Run, name: str, sign: str, wanted: Any) -> bool:
    """A plain word is equal to a part of that name; only numbers are less or greater."""
    value = value_of(run, name)
    if isinstance(value, dict) and isinstance(wanted, str):
        value = value.get("name")
    if sign in ("=", "!="):
        return (value == wanted) == (sign == "=")
    if not isinstance(value, int | float) or not isinstance(wanted, int | float):
        return False
    return {"<": value < wanted, ">": value > wanted, "<=": value <= wanted, ">=": value >= wanted}[
        sign
    ]


def _order(value: Any) -> tuple[bool, float, str]:
    """Numbers first, in their order; then words; what is missing last."""
    if isinstance(value, int | float):
        return False, float(value), ""
    return True, float(value is None), str(value)
