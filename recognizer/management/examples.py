from argparse import RawDescriptionHelpFormatter
from textwrap import fill
from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class CommandWithExamples(BaseCommand):
    """A command whose help ends with its `examples`."""

    examples: str

    def create_parser(
        self, prog_name: str, subcommand: str, **kwargs: Any
    ) -> CommandParser:
        parser = super().create_parser(
            prog_name,
            subcommand,
            epilog=f"examples:\n{self.examples}",
            # Keeps the line breaks of the examples, but would not wrap the help.
            formatter_class=RawDescriptionHelpFormatter,
            **kwargs,
        )
        parser.description = fill(self.help, 79)
        return parser
