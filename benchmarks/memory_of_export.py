"""The memory and the time of an export: python -m benchmarks.memory_of_export [DRAWINGS...]"""

import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

BATCH = 500
MEASURE = "from benchmarks.memory_of_export import measure; measure()"
FILL = "from benchmarks.memory_of_export import fill; fill({count})"


def main() -> None:
    for count in [int(text) for text in sys.argv[1:]] or [1000, 20_000]:
        with TemporaryDirectory() as folder:
            in_a_process(folder, FILL.format(count=count))
            print(f"{count} drawings: {in_a_process(folder, MEASURE)}")


def in_a_process(folder: str, script: str) -> str:
    """Run a script with a database in a folder. Return what it prints."""
    environment = {"DATABASE_URL": f"sqlite:///{folder}/db.sqlite3", "OUT": folder}
    environment["DJANGO_SETTINGS_MODULE"] = "mnistsite.settings"
    command = [sys.executable, "-c", f"import django; django.setup(); {script}"]
    done = subprocess.run(
        command, env=os.environ | environment, check=True, stdout=subprocess.PIPE
    )
    return done.stdout.decode().strip()


def fill(count: int) -> None:
    """Store drawings that differ in a few grey pixels, each of some 4 kB."""
    import numpy as np
    from django.core.management import call_command
    from django.db import transaction

    from recognizer.models import Prediction, Source, Submission
    from recognizer.reading.pictures import encode_png
    from tests.drawings import board
    from tests.factories import make_model, prediction_values

    call_command("migrate", verbosity=0)
    values = prediction_values() | {"model": make_model(), "read_as": 7}
    random = np.random.default_rng(0)
    picture = board("7").copy()
    for _ in range(0, count, BATCH):
        submissions = []
        for _ in range(BATCH):
            picture[:50, :50] = random.integers(200, 255, (50, 50))
            png = encode_png(picture)
            submission = Submission(source=Source.CANVAS, picture=png, label=7)
            submission.answer = Prediction(submission=submission, **values)
            submissions.append(submission)
        with transaction.atomic():
            Submission.objects.bulk_create(submissions)
            Prediction.objects.bulk_create(each.answer for each in submissions)


def measure() -> None:
    from django.core.management import call_command

    path = Path(os.environ["OUT"], "drawings.zip")
    start = time.perf_counter()
    call_command("export_drawings", "--out", str(path))
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = path.stat().st_size / 1e6
    print(f"{peak:.1f} MB of memory, {seconds:.1f} s, a ZIP of {size:.1f} MB")


if __name__ == "__main__":
    main()
