from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from recognizer.management.examples import CommandWithExamples
from recognizer.management.models import (
    HELP,
    candidate_and_active,
    named_model,
    replay_both,
)
from recognizer.management.users import find_user
from recognizer.rollout.promotion import PromotionRefused, promote


class Command(CommandWithExamples):
    help = (
        "Make a model the active one, on every process within seconds. It is replayed "
        "first, and refused when it reads the kept-aside drawings worse than the active "
        "model. Promoting the model that was active before rolls back."
    )
    examples = """\
  manage.py promote "digits 2" --why "It reads crossed sevens." --by ada
  manage.py promote 3f9a17c2 --why "Too few labels yet, but checked by hand." --force
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("model", metavar="MODEL", help=HELP)
        parser.add_argument(
            "--why", required=True, metavar="TEXT", help="the reason, which is recorded"
        )
        parser.add_argument(
            "--force",
            action="store_true",
            help="although too few kept-aside drawings are labelled; this is recorded",
        )
        parser.add_argument(
            "--by", metavar="USERNAME", help="who promotes it; default: nobody is named"
        )

    def handle(self, **options: Any) -> None:
        why = options["why"].strip()
        if not why:
            raise CommandError("--why must say why.")
        by = find_user(options["by"]) if options["by"] else None
        model = named_model(options["model"])
        replay_both(candidate_and_active(model))
        try:
            promotion = promote(model, why, by, force=options["force"])
        except PromotionRefused as refused:
            raise CommandError(explanation(refused)) from refused
        forced = ", forced" if promotion.forced else ""
        self.stdout.write(f"{model} is the active model now{forced}.")


def explanation(refused: PromotionRefused) -> str:
    reasons = "".join(f"\n  {refusal.words}" for refusal in refused.refusals)
    if all(refusal.can_be_forced for refusal in refused.refusals):
        reasons += "\n  With --force it is promoted all the same."
    return f"The model is not promoted.{reasons}"
