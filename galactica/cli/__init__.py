"""The verbs. Each wires rooms together and says what it did; an error of the user's or the machine's is one line."""

from __future__ import annotations

import errno
import shlex
import sys
import traceback
from typing import NoReturn

import typer

from galactica import interrupts
from galactica.cli.corpus import corpus_app
from galactica.cli.references import references_app
from galactica.cli.tokenizer import tokenizer_app
from galactica.cli.training import export, plan, run, train_app
from galactica.cli.writing import cite, generate, write
from galactica.errors import GalacticaError

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="An open scientific language model that cannot invent a reference.",
)
for verb in (write, generate, cite, run, plan, export):
    app.command()(verb)
app.add_typer(train_app, name="train")
app.add_typer(tokenizer_app, name="tokenizer")
app.add_typer(references_app, name="references")
app.add_typer(corpus_app, name="corpus")

_INTERRUPTED = 130
"""What typer returns in place of a KeyboardInterrupt."""


def main() -> NoReturn:
    """Run a verb. Exit status 2 and one line for what the user can mend, 1 for a failure of ours."""
    interrupts.catch()
    try:
        status = app(standalone_mode=False)
        if status == _INTERRUPTED:
            raise KeyboardInterrupt
    except (Exception, KeyboardInterrupt) as error:
        if interrupts.came() or isinstance(error, (KeyboardInterrupt, typer.Abort)):
            interrupts.leave()
        _explain(error)
    raise SystemExit(status if isinstance(status, int) else 0)


def _explain(error: Exception) -> NoReturn:
    if isinstance(error, GalacticaError):
        _fail(str(error), 2)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        _fail(
            f"no space left on the device of {error.filename or 'the output'}. Free some, or give another --output.", 2
        )
    if isinstance(error, OSError) and error.filename is not None:
        _fail(f"{error.filename}: {error.strerror}. Give a path that can be read or written.", 2)
    format_message = getattr(error, "format_message", None)  # a usage error of typer's, whose class is private
    if format_message is not None:
        given = shlex.join(sys.argv[1:])[:200]
        _fail(f"{format_message()} (in: galactica {given}). See `galactica --help`.", 2)
    _internal(error)


def _internal(error: Exception) -> NoReturn:
    traceback.print_exc()
    _fail(f"a failure of ours: {type(error).__name__}: {error}. Please report it with the lines above.", 1)


def _fail(text: str, status: int) -> NoReturn:
    print(f"error: {' '.join(text.split())}", file=sys.stderr)
    raise SystemExit(status)
