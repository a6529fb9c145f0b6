from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from recognizer.management.dates import add_since
from recognizer.management.examples import CommandWithExamples
from recognizer.management.progress import progress_bar
from recognizer.models import LABELS, Submission
from recognizer.reading.model_files import ModelError
from recognizer.rollout.active_model import active_classifier, get_row
from recognizer.rollout.rereading import (
    Reread,
    not_read_by,
    read_again,
    store_predictions,
)

NAMES = {label: str(name) for label, name in LABELS}


class Command(CommandWithExamples):
    help = (
        "Read stored drawings again with the active model and the present "
        "preprocessing. This adds predictions, changes no answer, and lists the "
        "drawings whose answer would be another one now."
    )
    examples = """\
  manage.py reprocess --dry-run
  manage.py reprocess --since 2026-11-01
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_since(parser)
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="list what would change, store nothing",
        )

    def handle(self, **options: Any) -> None:
        try:
            self._reprocess(**options)
        except ModelError as error:
            raise CommandError(str(error)) from error

    def _reprocess(self, **options: Any) -> None:
        classifier = active_classifier()
        model = get_row(classifier)
        drawings = Submission.objects.all()
        if options["since"]:
            drawings = drawings.filter(created__gte=options["since"])
        unread = not_read_by(model, drawings)
        known, count, changed = drawings.count(), 0, 0
        with progress_bar(unread.count()) as bar:
            for batch in read_again(classifier, unread):
                if not options["dry_run"]:
                    store_predictions(model, batch)
                differing = [each for each in batch if each.differs]
                for each in differing:
                    self.stdout.write(change_line(each))
                count += len(batch)
                changed += len(differing)
                bar.update(len(batch))
        stored = (
            "Nothing was stored." if options["dry_run"] else "No answer was changed."
        )
        self.stdout.write(
            f"{model} read {count} of {known} drawings again; it had read the others "
            f"before. {changed} would be answered differently. {stored}"
        )


def change_line(each: Reread) -> str:
    before = NAMES[each.submission.read_as]
    words = f"{each.submission.pk}  {before} -> {NAMES[each.reading.read_as]}"
    if each.submission.label is None:
        return words
    return f"{words}  (labelled {NAMES[each.submission.label]})"
