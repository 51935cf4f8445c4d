"""Builds the commands in the user's language, runs one, and turns what happened into an exit code."""

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import typer
from typer.main import get_command

from calame import __version__
from calame.cli.common import INTERRUPTED, Context, print_plainer
from calame.cli.usage import Spoken, placeholder, tell_wrong
from calame.config import calm_algebra, read_settings
from calame.errors import CalameError

COMMANDS = ("read", "calibrate", "classify", "explain", "serve", "train", "evaluate", "models", "data", "doctor")
INTERNAL = 5


def run(argv: list[str]) -> int:
    """Run one command; every expected failure is a sentence on stderr and a documented exit code."""
    print_plainer()
    try:
        settings = read_settings(language=_language(argv))
    except CalameError as error:
        print(f"calame: {error.message()}", file=sys.stderr)
        return error.exit_code
    context = Context(settings)
    calm_algebra()
    try:
        command = spoken(get_command(build(context)), context)
        outcome = command(argv, prog_name="calame", standalone_mode=False, obj=context)
    except CalameError as error:
        context.tell(error)
        return error.exit_code
    except BrokenPipeError:  # `calame read … | head`: the reader has left, which is no failure of ours
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        return _usage_or_internal(error, context)
    if outcome == INTERRUPTED:  # Typer makes an exit of a KeyboardInterrupt, without a word
        context.say("cli.interrupted")
    return outcome if isinstance(outcome, int) else 0


def build(context: Context) -> typer.Typer:
    """Return the command line with its help in the context's language."""
    app = typer.Typer(
        help=context.text("cli.help"),
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback(invoke_without_command=False)
    def root(  # pyright: ignore[reportUnusedFunction]
        version: bool = typer.Option(
            False, "--version", help=context.text("cli.version"), callback=_version, is_eager=True
        ),
        lang: str | None = typer.Option(None, "--lang", help="fr | en", metavar="LANG"),
    ) -> None:
        """Options before the command; both are handled before it runs."""

    for name in COMMANDS:
        register: Callable[[typer.Typer, Context], None] = import_module(f"calame.cli.{name}").register
        register(app, context)
    return app


def spoken(command: Any, context: Context) -> Any:
    """Put the help into Calame's words, and what stands for a value into the context's language.

    The Python types of arguments go, `PATH` instead of `PATH <list[str]>`: their words say what fits.
    """
    command.context_class = Spoken
    if hasattr(command, "subcommand_metavar"):
        command.subcommand_metavar = context.text("cli.usage.subcommand")
    for parameter in command.params:
        parameter.metavar = parameter.metavar and placeholder(parameter.metavar, context)
        if parameter.param_type_name == "argument":
            parameter.display_type_rich = _no_type
    for inner in getattr(command, "commands", {}).values():
        spoken(inner, context)
    return command


def _no_type(ctx: object) -> str:
    return ""


def _version(asked: bool) -> None:
    if asked:
        print(f"calame {__version__}")
        raise typer.Exit


def _language(argv: Sequence[str]) -> str | None:
    """Find `--lang` wherever it stands; Typer checks the rest."""
    for position, word in enumerate(argv):
        if word == "--lang" and position + 1 < len(argv):
            return argv[position + 1]
        if word.startswith("--lang="):
            return word.partition("=")[2]
    return None


def _usage_or_internal(error: Exception, context: Context) -> int:
    """Click's own errors say what is wrong with the call; anything else is a bug and keeps its traceback."""
    if hasattr(error, "format_message") and hasattr(error, "exit_code"):
        tell_wrong(error, context)
        return int(error.exit_code) if error.exit_code else 2  # type: ignore[attr-defined]
    if type(error).__name__ == "Abort":
        context.say("cli.interrupted")
        return INTERRUPTED
    traceback.print_exception(error)
    context.say("cli.internal", problem=f"{type(error).__name__}: {error}")
    return INTERNAL
