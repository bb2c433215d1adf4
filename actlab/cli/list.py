"""`actlab list`: every part that a config can name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from actlab.cli import completion
from actlab.cli.reporting import results_console

if TYPE_CHECKING:
    from actlab.config import Part


def list_parts(
    family: Annotated[
        str | None, typer.Argument(help="A family.", autocompletion=completion.families)
    ] = None,
    name: Annotated[
        str | None, typer.Argument(help="A part of it.", autocompletion=completion.members)
    ] = None,
) -> None:
    """List the registered parts: their formulas, settings, defaults and sources."""
    from actlab.registry import find, registered

    console = results_console()
    if family is None:
        for title, parts in registered().items():
            console.print(f"[bold]{title}[/bold]: {', '.join(parts)}", soft_wrap=True)
    elif name is None:
        for part in find(family).values():
            console.print(f"[bold]{part.name}[/bold]  {_plain(part.formula())}", soft_wrap=True)
    else:
        for line in described(find(family, name)[name]):
            console.print(line, soft_wrap=True)


def described(part: type[Part]) -> list[str]:
    """Name, formula, settings with defaults, and source of a part, a line each."""
    lines = [f"[bold]{part.name}[/bold]  {_plain(part.formula())}"]
    if part.aliases:
        lines.append(f"  also: {', '.join(part.aliases)}")
    for setting, field in part.words().items():
        default = "required" if field.is_required() else f"default {_default(field)}"
        lines.append(f"  {setting} ({default}): {_plain(field.description or '')}")
    lines += [f"  {key}: {value}" for key, value in part.facts().items()]
    return [*lines, f"  source: {_plain(part.source())}"]


def _default(field: Any) -> str:
    value = field.get_default(call_default_factory=True)
    return "empty" if value is None else str(value)


def _plain(text: str) -> str:
    """Text whose square brackets are not markup."""
    from rich.markup import escape

    return escape(text)
