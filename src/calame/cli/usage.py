"""What Typer says of a call, in Calame's words: the headings of `--help`, and what is wrong with the call.

Typer's sentences are English, in its code. Each is known here by its form and said anew from the catalogue; one that
another version of Typer words otherwise stays as it is.
"""

import re
import sys
from collections.abc import Sequence
from typing import Any

import typer

from calame.cli.common import Context
from calame.locale import catalogue

FOR, SHOULD = r"Invalid value for '(?P<name>.+)': ", "Input should be "
SAID = {
    "cli.usage.arguments": r"Arguments",
    "cli.usage.commands": r"Commands",
    "cli.usage.options": r"Options",
    "cli.usage.help": r"Show this message and exit\.",
    "cli.usage.no_command": r"No such command '(?P<name>.+?)'\.(?: Did you mean '(?P<near>.+)'\?)?",
    "cli.usage.no_option": r"No such option: (?P<name>.+?)(?: \(Possible options: (?P<near>.+)\))?",
    "cli.usage.missing": r"Missing (?:argument|option) '(?P<name>.+)'\.",
    "cli.usage.missing_command": r"Missing command\.",
    "cli.usage.extra": r"Got unexpected extra arguments?(?:\(s\))? \((?P<name>.+)\)",
    "cli.usage.value": r"Option '(?P<name>.+)' requires an argument\.",
    "cli.usage.no_value": r"Option '(?P<name>.+)' does not take a value\.",
    "cli.usage.not_whole": FOR + SHOULD + r"a valid integer.*",
    "cli.usage.not_number": FOR + SHOULD + r"a valid number.*",
    "cli.usage.least": FOR + SHOULD + r"greater than or equal to (?P<least>.+)",
}
PLACEHOLDER = r"[A-Z]{2,}"
EXTRA = r"(?<=\[){word}(?=[^\[\]]*\]$)"  # at the beginning of the brackets that end the help of an option


def reworded(sentence: str, context: Context) -> str:
    """Return what Typer says in Calame's words; as it is when it is none of `SAID`."""
    for key, form in SAID.items():
        if found := re.fullmatch(form, sentence, re.DOTALL):
            values = found.groupdict()
            near = values.pop("near", None)
            return context.text(key, **values) + (context.text("cli.usage.near", near=near) if near else "")
    return sentence


def placeholder(metavar: str, context: Context) -> str:
    """Return what stands for a value, such as `FILE`, in the language; words of the command itself stay as they are."""
    known = catalogue(context.settings.language)
    return re.sub(PLACEHOLDER, lambda word: known.get(f"cli.usage.word.{word[0].lower()}", word[0]), metavar)


class Formatter(typer.Context.formatter_class):
    """Writes a page of help."""

    def __init__(self, context: Context, **sizes: Any) -> None:
        super().__init__(**sizes)
        self.context = context

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write how the command is called."""
        super().write_usage(prog, args, prefix or self.context.text("cli.usage.usage"))

    def write_heading(self, heading: str) -> None:
        """Write what is above a list; the colon is in the words, since French has a space before it."""
        self.write(f"{'':>{self.current_indent}}{reworded(heading, self.context)}\n")

    def write_dl(self, rows: Sequence[tuple[str, str]], *sizes: Any, **named: Any) -> None:
        """Write a list of options, arguments or commands."""
        super().write_dl([(name, self._said(words)) for name, words in rows], *sizes, **named)

    def _said(self, words: str) -> str:
        for word, key in (("default:", "cli.usage.default"), ("required", "cli.usage.required")):
            words = re.sub(EXTRA.format(word=word), self.context.text(key), words)
        return reworded(words, self.context)


class Spoken(typer.Context):
    """A call whose help is in the language of `obj`, which is our `Context`."""

    def make_formatter(self) -> Formatter:
        """Return what writes the help."""
        return Formatter(self.obj, width=self.terminal_width, max_width=self.max_content_width)


def tell_wrong(error: Any, context: Context) -> None:
    """Say what is wrong with a call, how the command is called, and where its help is."""
    if type(error).__name__ == "NoArgsIsHelpError":  # nothing is wrong: its message is the help
        print(error.format_message(), file=sys.stderr)
        return
    print(f"calame: {reworded(error.format_message(), context)}", file=sys.stderr)
    call = getattr(error, "ctx", None)
    if call is not None:
        print(call.get_usage(), file=sys.stderr)
        context.say("cli.usage.try", command=call.command_path)
