"""The command line: one thin file per command, no maths."""

from __future__ import annotations

import sys

import typer

from actlab.cli import (
    bench,
    check,
    compare,
    data,
    explain,
    gradcheck,
    lecture,
    list,
    ls,
    plot,
    run,
    schema,
    sweep,
)
from actlab.cli.reporting import failure

app = typer.Typer(
    name="actlab",
    help="The lecture 'Training neural networks', executable: run a config, see its statistics.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("run")(run.run)
app.command("sweep")(sweep.sweep)
app.command("compare")(compare.compare)
app.command("ls")(ls.ls)
app.command("plot")(plot.plot)
app.command("explain")(explain.explain)
app.command("list")(list.list_parts)
app.command("check")(check.check)
app.command("gradcheck")(gradcheck.gradcheck)
app.command("bench")(bench.bench)
app.command("schema")(schema.schema)
app.add_typer(lecture.app, name="lecture")
app.add_typer(data.app, name="data")


def main() -> None:
    """Entry point: expected errors become one line each and an exit code, never a traceback."""
    try:
        app(prog_name="actlab")
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        sys.exit(failure(error))
