from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.utils import timezone
from tqdm import tqdm

from recognizer.management.examples import CommandWithExamples
from recognizer.models import Submission, SubmissionQuerySet, TokenBucket

BATCH = 500


class Command(CommandWithExamples):
    help = (
        "Delete drawings that have been kept for long enough, expired sessions and idle rate limits. "
        "Drawings that a reviewer has labelled stay, unless --labelled names them."
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
            help="the age from which on they go; default: %(default)s, the setting RETENTION_DAYS",
        )
        parser.add_argument(
            "--labelled", action="store_true", help="labelled drawings as well"
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="say what would go, and delete nothing",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        old = self._old(options["older_than"])
        if not options["labelled"]:
            old = old.filter(label=None)
        count = old.count()
        if options["dry_run"]:
            self.stdout.write(f"{count} drawings would be deleted.")
            return
        delete(old, count)
        call_command("clearsessions")
        TokenBucket.objects.filter(
            updated__lt=timezone.now() - timedelta(days=1)
        ).delete()
        self.stdout.write(f"{count} drawings were deleted.")

    def _old(self, days: int) -> SubmissionQuerySet:
        try:
            age = timedelta(days=days)
            before = timezone.now() - age
        except OverflowError as error:
            raise CommandError(
                f"--older-than {days} is further back than there are dates."
            ) from error
        if days < 0:
            raise CommandError("--older-than takes a number of days, 0 or more.")
        return Submission.objects.filter(created__lte=before)


def delete(old: SubmissionQuerySet, count: int) -> None:
    """In batches, so that nobody who draws meanwhile waits for long."""
    with tqdm(total=count, unit=" drawings", disable=None) as bar:
        keys = old.order_by().values_list("pk", flat=True)
        while batch := list(keys[:BATCH]):
            with transaction.atomic():  # what is labelled meanwhile stays
                chosen = list(
                    old.filter(pk__in=batch)
                    .select_for_update()
                    .values_list("pk", flat=True)
                )
                Submission.objects.filter(pk__in=chosen).delete()
            bar.update(len(batch))
