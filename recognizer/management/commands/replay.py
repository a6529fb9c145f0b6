from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandError

from recognizer.learning.data.labelled import DatasetError, Labelled
from recognizer.learning.data.mnist import cache_folder, read_mnist
from recognizer.management.examples import CommandWithExamples
from recognizer.management.models import (
    HELP,
    candidate_and_active,
    named_model,
    replay_both,
)
from recognizer.management.progress import progress_bar
from recognizer.models import LABELS, TrainedModel
from recognizer.rollout.promotion import check_promotion
from recognizer.rollout.replay import Change, Comparison, Counts, compare

if TYPE_CHECKING:
    from recognizer.inference import Classifier

BATCH = 64


class Command(CommandWithExamples):
    help = (
        "Let a model read the labelled drawings that are kept aside, and MNIST's test "
        "digits where they are to be had, and compare it with the active model. Answers "
        "stay as they are."
    )
    examples = """\
  manage.py replay "digits 2"
  manage.py replay 3f9a17c2 --data datasets
  manage.py replay result/better.model
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("model", metavar="MODEL", help=HELP)
        parser.add_argument(
            "--data",
            type=Path,
            metavar="DIR",
            help="the folder with MNIST, as for `train`; default: the cache of `train`, "
            "where it is filled",
        )

    def handle(self, **options: Any) -> None:
        mnist = find_mnist(options["data"])
        candidate = named_model(options["model"])
        models = candidate_and_active(candidate)
        (active, active_classifier), (_same, candidate_classifier) = models
        if active == candidate:
            raise CommandError(f"{active} is the model that answers now.")
        replay_both(models)
        self.stdout.write(f"{active} answers now. {candidate} is the candidate.\n\n")
        comparison = compare(active, candidate)
        self._report("The kept-aside drawings", comparison)
        if mnist is None:
            self.stdout.write("\nMNIST was not found. Name its folder with --data.\n")
        else:
            measured = compare_on_mnist(active_classifier, candidate_classifier, mnist)
            keep_figures(candidate, active, measured.all)
            self._report("\nMNIST's test digits", measured)
        self.stdout.write("\n" + conclusion(candidate, comparison))

    def _report(self, title: str, comparison: Comparison) -> None:
        self.stdout.write(f"{title}, read right:")
        if not comparison.all.total:
            self.stdout.write("  none")
            return
        head = ["", "drawings", "active", "candidate", "mended", "broken"]
        self.stdout.write(line(head))
        for label, name in LABELS:
            counts = comparison.by_label.get(label)
            if counts and counts.total:
                self.stdout.write(line([str(name), *cells(counts)]))
        self.stdout.write(line(["all", *cells(comparison.all)]))
        self.stdout.write(f"McNemar's exact test: p-value {comparison.all.p_text}")


def find_mnist(folder: Path | None) -> Labelled | None:
    """Return MNIST's test digits, None when they are not in the cache."""
    place = folder or cache_folder()
    place = place / "mnist" if (place / "mnist").is_dir() else place
    if folder is None and not place.is_dir():
        return None
    try:
        return read_mnist(place)[1]
    except DatasetError as error:
        if folder is None:
            return None
        raise CommandError(str(error)) from error


def compare_on_mnist(
    active: "Classifier", candidate: "Classifier", mnist: Labelled
) -> Comparison:
    """Let both models read MNIST's test digits as they would read uploads."""
    from recognizer.reading.glyphs import make_glyph

    comparison = Comparison()
    with progress_bar(len(mnist.labels)) as bar:
        for start in range(0, len(mnist.labels), BATCH):
            glyphs = [make_glyph(each) for each in mnist.images[start : start + BATCH]]
            labels = mnist.labels[start : start + BATCH].tolist()
            before, after = active.read(glyphs), candidate.read(glyphs)
            for label, first, second in zip(labels, before, after, strict=True):
                change = Change(None, label, first.read_as, second.read_as)
                comparison.add(change)
            bar.update(len(labels))
    return comparison


def keep_figures(candidate: TrainedModel, active: TrainedModel, counts: Counts) -> None:
    """Keep what was measured on MNIST with the candidate, for its page."""
    candidate.manifest["mnist"] = {
        "against": active.sha256,
        "total": counts.total,
        "right_before": counts.right_before,
        "right_after": counts.right_after,
        "mended": counts.mended,
        "broken": counts.broken,
    }
    candidate.save(update_fields=["manifest"])


def conclusion(candidate: TrainedModel, comparison: Comparison) -> str:
    """Say whether the candidate can be promoted."""
    refusals = check_promotion(candidate, comparison)
    if not refusals:
        return f"{candidate} can be promoted."
    reasons = "".join(f"\n  {refusal.words}" for refusal in refusals)
    if all(refusal.can_be_forced for refusal in refusals):
        return f"{candidate} can be promoted with --force only:{reasons}"
    return f"{candidate} cannot be promoted:{reasons}"


def cells(counts: Counts) -> list[str]:
    shares = [f"{100 * (share or 0):.2f} %" for share in (counts.before, counts.after)]
    return [str(counts.total), *shares, str(counts.mended), str(counts.broken)]


def line(words: list[str]) -> str:
    name, *numbers = words
    return f"  {name:14}" + "".join(f"{number:>11}" for number in numbers)
