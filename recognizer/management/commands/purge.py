from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone
from tqdm import tqdm

from recognizer.management.examples import CommandWithExamples
from recognizer.management.numbers import drawings
from recognizer.models import Submission, SubmissionQuerySet, TokenBucket

BATCH = 500


class Command(CommandWithExamples):
    help = (
        "Delete old drawings, expired sessions and unused rate limits. Labelled "
        "drawings are kept unless --labelled is given."
    )

    examples = """\
  manage.py purge --dry-run
  manage.py purge --older-than 30
  manage.py purge --older-than 3650 --labelled
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--older-than",
            type=int,
            default=settings.RETENTION_DAYS,
            metavar="DAYS",
            help="delete drawings at least this old; "
            "default: %(default)s, the setting RETENTION_DAYS",
        )
        parser.add_argument(
            "--labelled", action="store_true", help="delete labelled drawings too"
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="show how many drawings would be deleted, and delete nothing",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        old = old_submissions(options["older_than"])
        if not options["labelled"]:
            old = old.unlabelled()
        if options["dry_run"]:
            self.stdout.write(f"{drawings(old.count())} would be deleted.")
            return
        count = delete(old)
        call_command("clearsessions")
        yesterday = timezone.now() - timedelta(days=1)
        TokenBucket.objects.filter(updated__lt=yesterday).delete()
        self.stdout.write(f"{drawings(count)} deleted.")


def old_submissions(days: int) -> SubmissionQuerySet:
    if days < 0:
        raise CommandError("--older-than must be 0 or more.")
    try:
        latest = timezone.now() - timedelta(days=days)
    except OverflowError as error:
        raise CommandError(f"--older-than {days} is too large.") from error
    return Submission.objects.filter(created__lte=latest)


def delete(old: SubmissionQuerySet) -> int:
    """Delete in batches, so that visitors do not wait for long. Return how many."""
    count = 0
    keys = old.order_by().values_list("pk", flat=True)
    with tqdm(total=old.count(), unit=" drawings", disable=None) as bar:
        while batch := list(keys[:BATCH]):
            # Drawings labelled since the batch was chosen do not match, and are kept.
            count += old.filter(pk__in=batch).delete_locked()
            bar.update(len(batch))
    return count
