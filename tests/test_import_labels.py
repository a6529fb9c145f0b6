"""Labels from a CSV file: what is set, what is left, and what stops everything."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from pytest_django import DjangoAssertNumQueries

from recognizer.models import LabelChange, Submission
from recognizer.reviewing.labelling import Wanted, set_labels
from tests.exports import export, make_drawing, table
from tests.factories import make_submission, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def anna() -> User:
    return make_user("anna")


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    return tmp_path / "labels.csv"


def import_labels(capsys: pytest.CaptureFixture[str], file: Path, *options: str) -> str:
    """What the command writes to standard output."""
    capsys.readouterr()
    call_command("import_labels", str(file), "--by", "anna", *options)
    return capsys.readouterr().out


def write(file: Path, *rows: tuple[object, str], head: str = "id,label") -> None:
    lines = [head, *(f"{uuid},{label}" for uuid, label in rows)]
    file.write_text("".join(f"{line}\n" for line in lines))


def label_of(submission: Submission) -> int | None:
    submission.refresh_from_db()
    return submission.label


def test_every_label_has_a_name(
    labels: Path, capsys: pytest.CaptureFixture[str], anna: User
) -> None:
    names = [*"0123456789", "not_a_digit", "several", "cannot_tell"]
    submissions = [make_submission() for _ in names]
    pks = [submission.pk for submission in submissions]
    write(labels, *zip(pks, names, strict=True))
    assert "13 drawings have the label of the file." in import_labels(capsys, labels)
    assert [label_of(submission) for submission in submissions] == list(range(13))
    assert {submission.labelled_by for submission in submissions} == {anna}
    assert LabelChange.objects.filter(by=anna, old=None).count() == 13


def test_another_label_is_reported_and_left(
    labels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    submission, other = make_submission(label=3), make_submission()
    write(labels, (other.pk, "7"), (submission.pk, "several"))
    out = import_labels(capsys, labels)
    words = f"Line 3: {submission.pk} is labelled 3, and the file says several."
    assert words in out
    assert "1 is labelled otherwise" in out
    assert (label_of(submission), label_of(other)) == (3, 7)


def test_another_label_is_overwritten_when_that_is_wanted(
    labels: Path, capsys: pytest.CaptureFixture[str], anna: User
) -> None:
    submission = make_submission()
    set_labels([Wanted(submission.pk, None, 3)], make_user("ben"))
    write(labels, (submission.pk, "5"))
    out = import_labels(capsys, labels, "--overwrite")
    assert "1 drawing has the label of the file." in out
    assert label_of(submission) == 5
    assert submission.labelled_by == anna
    changes = submission.label_changes.values_list("by__username", "old", "new")
    assert list(changes) == [("ben", None, 3), ("anna", 3, 5)]


def test_the_same_label_changes_nothing(
    labels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    submission, ben = make_submission(), make_user("ben")
    set_labels([Wanted(submission.pk, None, 3)], ben)
    write(labels, (submission.pk, "3"))
    import_labels(capsys, labels, "--overwrite")
    assert label_of(submission) == 3
    assert submission.labelled_by == ben
    assert submission.label_changes.count() == 1


def test_a_line_without_a_label_is_passed_over(
    labels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labelled, unlabelled = make_submission(label=3), make_submission()
    write(labels, (labelled.pk, ""), (unlabelled.pk, " "))
    assert "0 drawings have the label" in import_labels(capsys, labels, "--overwrite")
    assert (label_of(labelled), label_of(unlabelled)) == (3, None)


def test_the_table_of_an_export_can_be_filled_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawing = make_drawing("4")
    (row,) = table(export(tmp_path / "a.zip", "--all"))
    text = io.StringIO()
    writer = csv.DictWriter(text, row)
    writer.writeheader()
    writer.writerow(row | {"label": "4"})
    (tmp_path / "a.csv").write_text(text.getvalue())
    import_labels(capsys, tmp_path / "a.csv")
    assert label_of(drawing) == 4


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffid,label\r\n{0},7\r\n",
        "id;label\n{0};7\n",
        "id\tlabel\n{0}\t7\n",
        '"label","name","ID"\n"7","a, ""b""\nc","{0}"\n',
        "id,label\n\n , \n{0}, 7 ",
    ],
    ids=["mark", "semicolons", "tabs", "quotes", "empty lines"],
)
def test_what_spreadsheets_write_is_understood(
    text: str, labels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    submission = make_submission()
    labels.write_bytes(text.format(submission.pk).encode())
    import_labels(capsys, labels)
    assert label_of(submission) == 7


GOOD = "id,label\n{0},7\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (GOOD + "seven,7\n", "Line 3: 'seven' is not the id of a drawing"),
        (GOOD + "{1},10\n", "Line 3: '10' is not a label. The labels are 0 to 9"),
        (GOOD + "{1},7.0\n", "Line 3: '7.0' is not a label"),
        (GOOD + "\n{0},7\n", "Line 4: .* is in line 2 already"),
        (GOOD + "{1}\n", "Line 3: some columns are missing"),
        ("id,name\n{0},7\n", "Line 1: the column 'label' is not there"),
        ("id,label,label\n{0},7,8\n", "Line 1: the column 'label' is there twice"),
        ("{0},7\n", "Line 1: the column 'id' is not there"),
        ("", "Line 1: the column 'id' is not there"),
        (GOOD + '{1},"7', "Line 3: this is not CSV"),
        (GOOD + "{1}," + "7" * 200_000, "Line 3: this is not CSV"),
    ],
)
def test_a_bad_line_stops_everything_before_anything_is_stored(
    text: str, sentence: str, labels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = make_submission(), make_submission()
    text = text.replace("{0}", str(first.pk)).replace("{1}", str(second.pk))
    labels.write_text(text)
    with pytest.raises(CommandError, match=sentence) as error:
        import_labels(capsys, labels)
    assert str(error.value).startswith(f"{labels}: ")
    assert (label_of(first), label_of(second)) == (None, None)


@pytest.mark.parametrize(
    ("encoding", "line"), [("utf-16", 1), ("utf-16-le", 1), ("latin-1", 2)]
)
def test_another_encoding_is_a_sentence(
    encoding: str, line: int, labels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    submission = make_submission()
    text = f"id,label,name\n{submission.pk},7,Zoë\n"
    labels.write_bytes(text.encode(encoding))
    with pytest.raises(CommandError, match=f"Line {line}: .* 'CSV UTF-8'"):
        import_labels(capsys, labels)
    assert label_of(submission) is None


def test_all_bad_lines_are_named_but_not_hundreds(
    labels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(labels, *((UUID(int=number), "x") for number in range(100)))
    with pytest.raises(CommandError) as error:
        import_labels(capsys, labels)
    message = str(error.value)
    assert "Nothing was stored." in message
    assert "Line 2: " in message
    assert "Line 21: " in message
    assert message.endswith("And 80 more.")


def test_a_drawing_that_was_deleted_meanwhile_stops_nothing(
    labels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept, deleted = make_submission(), make_submission()
    write(labels, (deleted.pk, "3"), (kept.pk, "7"))
    deleted.delete()
    out = import_labels(capsys, labels)
    assert "Line 2: there is no drawing" in out
    assert "1 is not in the database." in out
    assert label_of(kept) == 7


def test_an_unknown_user_is_a_sentence(labels: Path) -> None:
    submission = make_submission()
    write(labels, (submission.pk, "7"))
    with pytest.raises(CommandError, match="There is no user 'nobody'"):
        call_command("import_labels", str(labels), "--by", "nobody")
    assert label_of(submission) is None


def test_a_file_that_is_missing_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CommandError, match="No such file"):
        import_labels(capsys, tmp_path / "missing.csv")
    with pytest.raises(CommandError, match="Is a directory"):
        import_labels(capsys, tmp_path)


def test_standard_input_is_a_file_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    submission = make_submission()
    data = io.BytesIO(f"id,label\n{submission.pk},7\n".encode())
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(data))
    import_labels(capsys, Path("-"))
    assert label_of(submission) == 7


def test_many_labels_take_few_queries(
    labels: Path,
    capsys: pytest.CaptureFixture[str],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    submissions: Sequence[Submission] = [make_submission() for _ in range(40)]
    write(labels, *((submission.pk, "7") for submission in submissions))
    with django_assert_max_num_queries(12):
        import_labels(capsys, labels)
    assert Submission.objects.filter(label=7).count() == 40
