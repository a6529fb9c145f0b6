"""Drawings from an export or from folders: what is stored, and what is refused."""

import csv
import io
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from recognizer.exchange.tables import Row
from recognizer.exchange.zip_writer import ExportedDrawing, write_zip
from recognizer.models import LabelChange, Prediction, Source, Submission, TrainedModel
from recognizer.reading.pictures import encode_png, read_picture
from recognizer.reviewing.kept_aside import is_kept_aside
from recognizer.submissions import submit
from recognizer.uploads import read_drawing
from tests.drawings import board, glyph_of
from tests.exports import altered, export, ids, make_drawing, table, write
from tests.factories import blank_png, draw, make_user, picture_bytes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model_file")]


def import_drawings(
    capsys: pytest.CaptureFixture[str], path: Path, *options: str
) -> tuple[str, str]:
    """What the command writes to standard output and to standard error."""
    capsys.readouterr()
    call_command("import_drawings", str(path), *options)
    return capsys.readouterr()


def delete_all() -> None:
    Submission.objects.all().delete()
    TrainedModel.objects.all().delete()


@lru_cache
def export_of_every_kind() -> bytes:
    """Drawings with every label and claim, on both sides."""
    drawings = []
    for number in range(14):
        row = Row(
            id=UUID(int=number),
            label=number if number < 13 else None,
            claim=number % 12 if number % 2 else None,
            verdict="digit",
            source="canvas",
            kept_aside=number % 3 == 0,
            created=datetime(2026, 11, 1 + number, tzinfo=UTC),
        )
        picture = board(str(number % 10), pen=8 + number)
        glyph = glyph_of(picture).tobytes()
        drawings.append(ExportedDrawing(row, encode_png(picture), glyph))
    return b"".join(write_zip(drawings))


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """An export of another site."""
    (tmp_path / "exported.zip").write_bytes(export_of_every_kind())
    return tmp_path / "exported.zip"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two drawings in folders that are named by their labels."""
    for name, digit in (("3", "3"), ("not_a_digit", "7")):
        (tmp_path / "scans" / name).mkdir(parents=True)
        path = tmp_path / "scans" / name / f"{digit}.png"
        path.write_bytes(encode_png(board(digit)))
    return tmp_path / "scans"


def without_source(archive: ZipFile) -> list[dict[str, str]]:
    return [row | {"source": ""} for row in table(archive)]


def test_an_export_comes_back_as_it_was(
    exported: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, _err = import_drawings(capsys, exported)
    assert "14 drawings stored." in out
    before, after = ZipFile(exported), export(tmp_path / "again.zip", "--all")
    assert without_source(after) == without_source(before)
    assert {row["source"] for row in table(after)} == {"import"}
    same = set(before.namelist()) - {"drawings.csv", "manifest.json"}
    assert len(same) == 14 + 3
    for name in same:
        assert after.read(name) == before.read(name)


def test_a_second_round_gives_the_same_bytes(
    exported: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    import_drawings(capsys, exported)
    export(first, "--all").close()
    delete_all()
    import_drawings(capsys, first)
    export(second, "--all").close()
    assert first.read_bytes() == second.read_bytes()


def test_importing_twice_changes_nothing(
    exported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import_drawings(capsys, exported)
    before = list(Submission.objects.values())
    out, _err = import_drawings(capsys, exported)
    assert "0 drawings stored. Not stored: 14 that were there already" in out
    assert list(Submission.objects.values()) == before
    assert LabelChange.objects.count() == 13


def test_each_drawing_is_read_by_the_active_model(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import_drawings(capsys, folder)
    for submission in Submission.objects.select_related("answer__model"):
        assert submission.source == Source.IMPORT
        assert (submission.answer.digit, submission.read_as) == (7, 7)
        assert submission.answer.model.name == "tiny"
        assert submission.doubt == pytest.approx(1 - submission.answer.margin)
        picture = read_picture(bytes(submission.picture))
        assert bytes(submission.answer.glyph) == glyph_of(picture).tobytes()
    assert Prediction.objects.count() == 2


def test_a_claim_that_differs_is_doubtful(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_drawing("3", claim=3)
    export(tmp_path / "a.zip", "--all").close()
    delete_all()
    import_drawings(capsys, tmp_path / "a.zip")
    submission = Submission.objects.get()
    assert (submission.claim, submission.read_as) == (3, 7)
    margin = submission.answer.margin
    assert submission.doubt == pytest.approx(1 - margin + 1)


def test_folders_give_the_labels(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    by, before = make_user("anna"), timezone.now()
    out, _err = import_drawings(capsys, folder, "--by", "anna")
    assert "2 drawings stored." in out
    labels = set()
    for submission in Submission.objects.all():
        labels.add((bytes(submission.picture), submission.label))
        change = submission.label_changes.get()
        assert (change.by, change.old, change.new) == (by, None, submission.label)
        assert submission.labelled_by == by
        assert submission.created >= before
        png = bytes(submission.picture)
        assert submission.kept_aside == is_kept_aside("", png)
    assert labels == {(encode_png(board("3")), 3), (encode_png(board("7")), 10)}


def test_without_a_user_the_history_names_nobody(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import_drawings(capsys, folder)
    assert {change.by for change in LabelChange.objects.all()} == {None}


def test_an_unknown_user_is_a_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CommandError, match="There is no user 'nobody'"):
        import_drawings(capsys, folder, "--by", "nobody")
    assert not Submission.objects.exists()


def test_the_same_picture_is_stored_once(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(folder / "3/3.png", folder / "3/copy.png")
    jpeg = picture_bytes(draw(mode="L"), "JPEG")
    (folder / "7").mkdir()
    for name in ("a.jpg", "b.jpeg"):
        (folder / "7" / name).write_bytes(jpeg)
    out, _err = import_drawings(capsys, folder)
    assert "3 drawings stored. Not stored: 2 that were there already" in out
    assert Submission.objects.count() == 3


def test_a_picture_that_a_visitor_sent_is_not_stored_again(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = (folder / "3/3.png").read_bytes()
    sent = submit(read_drawing(data), Source.CANVAS, "session")
    out, _err = import_drawings(capsys, folder)
    assert "1 drawing stored. Not stored: 1 that were there already" in out
    sent.refresh_from_db()
    assert sent.label is None


def test_a_picture_with_two_labels_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "5").mkdir()
    shutil.copy(folder / "3/3.png", folder / "5/copy.png")
    shutil.copy(folder / "3/3.png", folder / "3/copy.png")
    _out, err = import_drawings(capsys, folder)
    assert "5/copy.png: It is there already, labelled 3." in err
    assert "3/copy.png" not in err
    assert Submission.objects.filter(label=3).count() == 1


def test_the_same_picture_in_another_batch_is_stored_once(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("recognizer.exchange.imports.BATCH", 1)
    shutil.copy(folder / "3/3.png", folder / "not_a_digit/again.png")
    out, _err = import_drawings(capsys, folder)
    assert "2 drawings stored. Not stored: 1 that were there already" in out


def test_an_id_that_is_taken_by_another_picture_is_not_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawing = make_drawing("3", label=3)
    export(tmp_path / "a.zip").close()
    Submission.objects.update(picture=encode_png(board("5")))
    import_drawings(capsys, tmp_path / "a.zip")
    imported = Submission.objects.exclude(pk=drawing.pk).get()
    assert bytes(imported.picture) == encode_png(board("3"))


def test_what_is_blank_or_no_picture_is_named_and_counted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "3/blank.png").write_bytes(blank_png())
    (folder / "3/notes.txt").write_text("no picture")
    (folder / "3/empty.png").write_bytes(b"")
    (folder / "3/.hidden").write_text("passed over")
    (folder / "notes.txt").write_text("in no folder")
    out, err = import_drawings(capsys, folder)
    assert "2 drawings stored." in out
    assert "1 blank, 2 that cannot be read." in out
    assert "3/blank.png: The picture is blank." in err
    assert "3/notes.txt: The file is neither a PNG nor a JPEG picture." in err
    assert "3/empty.png" in err
    assert "scans/notes.txt: It was left out" in err
    assert ".hidden" not in err


@pytest.mark.parametrize("name", ["seven", "10", "unlabelled"])
def test_a_folder_that_is_named_otherwise_stops_everything(
    folder: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / name).mkdir()
    with pytest.raises(CommandError, match=f"'{name}' is not named by a label"):
        import_drawings(capsys, folder)
    assert not Submission.objects.exists()


def test_a_folder_without_labels_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(CommandError, match="There is no folder named by a label"):
        import_drawings(capsys, tmp_path / "folder")


def test_pictures_are_looked_for_by_an_index(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_max_num_queries(40):
        import_drawings(capsys, folder)
    plan = Submission.objects.with_pictures([b"picture"]).explain()
    assert (
        "picture_checksum" in plan or "Seq Scan" in plan
    )  # on few rows PostgreSQL scans


def row_with(exported: Path, **cells: str) -> bytes:
    """The table with some cells of its first row changed."""
    with ZipFile(exported) as archive:
        rows = table(archive)
    rows[0] |= cells
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


REFUSED: dict[str, tuple[dict[str, bytes | None], str]] = {
    "no table": ({"drawings.csv": None}, "drawings.csv is missing"),
    "no glyphs": ({"glyphs-idx3-ubyte": None}, "glyphs-idx3-ubyte is missing"),
    "no manifest": ({"manifest.json": None}, "not an export of drawings"),
    "a name that leads out": ({"../evil.png": b""}, "does not belong"),
    "an absolute name": ({"/etc/passwd": b""}, "does not belong"),
    "a picture that has no id": ({"pictures/../a.png": b""}, "does not belong"),
    "another version": (
        {"manifest.json": b'{"format": "draw-a-digit drawings", "format_version": 2}'},
        "version 2 of the format",
    ),
    "another format": (
        {"manifest.json": b'{"format": "other", "format_version": 1}'},
        "not an export",
    ),
    "half a manifest": (
        {"manifest.json": b'{"format": "draw-a-digit drawings", "format_version": 1}'},
        "manifest.json is not complete",
    ),
    "a manifest that is no JSON": ({"manifest.json": b"{"}, "manifest.json is damaged"),
    "a manifest that is a list": ({"manifest.json": b"[]"}, "manifest.json is damaged"),
    "a manifest of brackets": (
        {"manifest.json": b"[" * 90_000},
        "manifest.json is damaged",
    ),
    "a large manifest": ({"manifest.json": b" " * 200_000}, "too large"),
    "a picture that is not listed": (
        {"pictures/00000000-0000-4000-8000-000000000000.png": b"x"},
        "does not list",
    ),
    "a table without columns": ({"drawings.csv": b"a,b\n"}, "Line 1: the column 'id'"),
    "a table that is no text": ({"drawings.csv": b"\xff\xfe\0"}, "not UTF-8"),
    "an empty table": ({"drawings.csv": b""}, "Line 1: the column 'id'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_export_that_is_not_whole_is_refused_with_a_sentence(
    case: str, exported: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    contents, sentence = REFUSED[case]
    path = altered(exported, tmp_path / "altered.zip", **contents)
    with pytest.raises(CommandError, match=sentence):
        import_drawings(capsys, path)
    assert not Submission.objects.exists()
    assert {path.name for path in tmp_path.iterdir()} <= {
        "altered.zip",
        "exported.zip",
        "tiny.model",
    }


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"id": "seven"}, "Line 2: 'seven' is not the id of a drawing"),
        ({"id": "00000000-0000-4000-8000-000000000000"}, "is missing"),
        ({"label": "13"}, "Line 2: '13' is not a label"),
        ({"claim": "cannot_tell"}, "Line 2: 'cannot_tell' is not a claim"),
        ({"kept_aside": "perhaps"}, "Line 2: The column kept_aside"),
        ({"created": "yesterday"}, "Line 2: 'yesterday' is not a date"),
        ({"created": "0001-01-01T00:00+14:00"}, "Line 2: '0001.* is not a date"),
    ],
)
def test_a_wrong_cell_is_named_with_its_line(
    cells: dict[str, str],
    sentence: str,
    exported: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    content = {"drawings.csv": row_with(exported, **cells)}
    path = altered(exported, tmp_path / "altered.zip", **content)
    with pytest.raises(CommandError, match=sentence):
        import_drawings(capsys, path)
    assert not Submission.objects.exists()


def test_an_altered_picture_is_found_by_its_checksum(
    exported: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ZipFile(exported) as archive:
        name = archive.namelist()[0]
    other: dict[str, Any] = {name: encode_png(board("5", 30))}
    path = altered(exported, tmp_path / "altered.zip", **other)
    with pytest.raises(CommandError, match="pictures are not as they were exported"):
        import_drawings(capsys, path)


def test_an_altered_table_is_found_by_its_checksum(
    exported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = exported.read_bytes()
    changed = row_with(exported, label="9")
    exported.write_bytes(data.replace(b"cannot_tell,", b"cannot_tall,"))
    with pytest.raises(CommandError, match=r"drawings\.csv is damaged"):
        import_drawings(capsys, exported)
    with ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    write(exported, (files | {"drawings.csv": changed}).items())
    with pytest.raises(CommandError, match=r"drawings\.csv is not as it was exported"):
        import_drawings(capsys, exported)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_file_that_is_cut_short_is_refused(
    share: float, exported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = exported.read_bytes()
    exported.write_bytes(data[: int(share * len(data))])
    with pytest.raises(CommandError, match="not a ZIP file, or it is damaged"):
        import_drawings(capsys, exported)
    assert not Submission.objects.exists()


def bombs(exported: Path) -> Iterator[tuple[str, bytes]]:
    """Files of zeros: a table, a picture, glyphs."""
    with ZipFile(exported) as archive:
        picture = archive.namelist()[0]
    yield "drawings.csv", bytes(20_000_000)
    yield picture, bytes(20_000_000)
    yield picture, bytes(9_000_000)
    yield "glyphs-idx3-ubyte", bytes(20_000_000)


def test_a_bomb_is_refused_before_it_is_unpacked(
    exported: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ZipFile(exported) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    for name, zeros in bombs(exported):
        with ZipFile(tmp_path / "bomb.zip", "w", compression=8) as archive:
            for each, content in (files | {name: zeros}).items():
                archive.writestr(each, content)
        with pytest.raises(CommandError, match=r"too large|more than 100 times"):
            import_drawings(capsys, tmp_path / "bomb.zip")
    assert not Submission.objects.exists()


def test_a_declared_size_that_is_a_lie_is_refused(
    exported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = bytearray(exported.read_bytes())
    first = data.index(b"PK\1\2")  # the first entry of the directory
    data[first + 24 : first + 28] = (0xFFFFFFF0).to_bytes(4, "little")
    exported.write_bytes(data)
    with pytest.raises(CommandError, match="too large"):
        import_drawings(capsys, exported)


def test_two_files_of_one_name_are_refused(
    exported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (
        ZipFile(exported, "a") as archive,
        pytest.warns(UserWarning, match="Duplicate"),
    ):
        archive.writestr(archive.namelist()[0], b"another")
    with pytest.raises(CommandError, match="have the same name"):
        import_drawings(capsys, exported)


@pytest.mark.parametrize("name", ["missing.zip", "text.zip", "tiny.model"])
def test_what_is_no_zip_is_a_sentence(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.zip").write_text("no ZIP")
    with pytest.raises(
        CommandError, match=r"cannot be read: No such|not a ZIP|not an export"
    ):
        import_drawings(capsys, tmp_path / name)


def test_an_import_that_stopped_goes_on_where_it_was(
    exported: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import_drawings(capsys, exported)
    whole = table(export(tmp_path / "whole.zip", "--all"))
    Submission.objects.filter(label__gte=5).delete()
    import_drawings(capsys, exported)
    assert table(export(tmp_path / "again.zip", "--all")) == whole
    assert len(ids(ZipFile(exported))) == Submission.objects.count()


def test_a_date_in_the_future_becomes_now(
    exported: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = {"drawings.csv": row_with(exported, created="2999-01-01T00:00:00+00:00")}
    path = altered(exported, tmp_path / "altered.zip", **content)
    import_drawings(capsys, path)
    assert not Submission.objects.filter(created__gt=timezone.now()).exists()
