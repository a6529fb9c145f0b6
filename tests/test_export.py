"""What an export holds, and what it does not."""

import hashlib
import io
import json
import tempfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from recognizer.exchange.exports import choose_drawings, exported_drawings
from recognizer.exchange.zip_stream import ZipStream
from recognizer.exchange.zip_writer import write_zip
from recognizer.learning.data import mnist
from recognizer.management.commands.export_drawings import write_whole
from recognizer.models import Source
from recognizer.reading.glyphs import PREPROCESSING_VERSION
from tests.drawings import board, glyph_of
from tests.exports import export, ids, make_drawing, table
from tests.factories import make_operator, make_user

pytestmark = pytest.mark.django_db

BUTTON = "/admin/recognizer/submission/export/"


def test_it_holds_each_picture_as_it_is_stored(tmp_path: Path) -> None:
    drawing = make_drawing(label=3)
    archive = export(tmp_path / "a.zip")
    assert archive.read(f"pictures/{drawing.pk}.png") == bytes(drawing.picture)
    assert archive.testzip() is None


def test_the_table_tells_what_is_known_of_each_drawing(tmp_path: Path) -> None:
    created = datetime(2026, 11, 3, 12, 30, tzinfo=UTC)
    drawing = make_drawing(
        label=11, claim=10, kept_aside=True, source=Source.API, created=created
    )
    assert table(export(tmp_path / "a.zip")) == [
        {
            "id": str(drawing.pk),
            "label": "several",
            "claim": "not_a_digit",
            "verdict": "digit",
            "source": "api",
            "kept_aside": "yes",
            "created": "2026-11-03T12:30:00.000000+00:00",
        }
    ]


def test_no_cell_can_be_taken_for_a_formula(tmp_path: Path) -> None:
    for label in (*range(13), None):
        make_drawing(label=label, claim=None if label == 12 else label)
    for row in table(export(tmp_path / "a.zip", "--all")):
        for cell in row.values():
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_unlabelled_drawings_are_left_out_unless_all_are_wanted(tmp_path: Path) -> None:
    labelled, unlabelled = make_drawing(label=3), make_drawing("3")
    assert ids(export(tmp_path / "a.zip")) == [str(labelled.pk)]
    everything = export(tmp_path / "b.zip", "--all")
    assert set(ids(everything)) == {str(labelled.pk), str(unlabelled.pk)}


def test_the_glyphs_open_as_mnist_does(tmp_path: Path) -> None:
    digits = [make_drawing(digit, label=int(digit)) for digit in "0123456789"]
    archive = export(tmp_path / "a.zip")
    glyphs = mnist._parse(archive.read("glyphs-idx3-ubyte"))
    labels = mnist._parse(archive.read("labels-idx1-ubyte"))
    assert archive.read("ids.txt").decode().split() == [str(each.pk) for each in digits]
    assert labels.tolist() == list(range(10))
    assert np.array_equal(glyphs, [glyph_of(board(digit)) for digit in "0123456789"])


def test_what_has_no_certain_label_is_never_in_the_idx_files(tmp_path: Path) -> None:
    make_drawing("1")
    make_drawing("2", label=12)
    certain = make_drawing("3", label=11)
    archive = export(tmp_path / "a.zip", "--all")
    assert archive.read("ids.txt").decode().split() == [str(certain.pk)]
    assert archive.read("labels-idx1-ubyte")[-1] == 11
    assert len(archive.read("glyphs-idx3-ubyte")) == 16 + 784
    assert {row["label"] for row in table(archive)} == {"", "cannot_tell", "several"}


def test_a_glyph_of_another_preprocessing_is_made_anew(tmp_path: Path) -> None:
    old = {"preprocessing": PREPROCESSING_VERSION + 1, "glyph": bytes(784)}
    make_drawing("4", label=4, answer=old)
    glyph = export(tmp_path / "a.zip").read("glyphs-idx3-ubyte")[16:]
    assert glyph == glyph_of(board("4")).tobytes()


def test_a_deleted_drawing_is_in_no_later_export(tmp_path: Path) -> None:
    kept, deleted = make_drawing("3", label=3), make_drawing("5", label=5)
    uuid = str(deleted.pk)
    assert uuid in ids(export(tmp_path / "a.zip"))
    deleted.delete()
    archive = export(tmp_path / "b.zip", "--all")
    assert ids(archive) == [str(kept.pk)]
    assert not any(uuid in name for name in archive.namelist())
    assert uuid.encode() not in (tmp_path / "b.zip").read_bytes()


def test_it_can_begin_at_a_day(tmp_path: Path) -> None:
    make_drawing(label=1, created=datetime(2026, 10, 31, 23, 59, tzinfo=UTC))
    later = make_drawing(label=1, created=datetime(2026, 11, 1, tzinfo=UTC))
    assert ids(export(tmp_path / "a.zip", "--since", "2026-11-01")) == [str(later.pk)]


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", "01.11.2026", ""])
def test_a_bad_date_is_a_sentence(tmp_path: Path, day: str) -> None:
    with pytest.raises(CommandError, match="is not a date"):
        export(tmp_path / "a.zip", f"--since={day}")
    assert not list(tmp_path.iterdir())


def test_drawings_of_the_same_moment_are_each_there_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recognizer.exchange.exports.BATCH", 2)
    moments = [datetime(2026, 11, day, tzinfo=UTC) for day in (2, 1, 2, 2, 1, 2, 2)]
    drawings = [make_drawing(label=1, created=moment) for moment in moments]
    expected = sorted((drawing.created, drawing.pk) for drawing in drawings)
    assert ids(export(tmp_path / "a.zip")) == [str(pk) for _created, pk in expected]


def test_the_same_rows_give_the_same_bytes(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    for digit in "123":
        make_drawing(digit, label=int(digit))
    export(tmp_path / "a.zip")
    export(tmp_path / "b.zip")
    capsysbinary.readouterr()
    call_command("export_drawings", "--out", "-")
    first = (tmp_path / "a.zip").read_bytes()
    assert first == (tmp_path / "b.zip").read_bytes()
    assert first == capsysbinary.readouterr().out


def test_the_manifest_counts_and_its_checksums_are_right(tmp_path: Path) -> None:
    for label in (3, 3, 12, None):
        make_drawing(label=label, kept_aside=label == 12)
    archive = export(tmp_path / "a.zip", "--all")
    manifest = json.loads(archive.read("manifest.json"))
    counts = manifest["counts"]
    assert (counts["drawings"], counts["labelled"], counts["in_idx"]) == (4, 3, 2)
    assert (counts["by_label"]["3"], counts["by_label"]["cannot_tell"]) == (2, 1)
    assert counts["kept_aside"] == 1
    assert manifest["preprocessing_version"] == PREPROCESSING_VERSION
    for name, checksum in manifest["sha256"].items():
        assert hashlib.sha256(archive.read(name)).hexdigest() == checksum


def test_an_export_of_nothing_is_whole(tmp_path: Path) -> None:
    archive = export(tmp_path / "a.zip")
    assert table(archive) == []
    assert mnist._parse(archive.read("glyphs-idx3-ubyte")).shape == (0, 28, 28)


def test_progress_is_shown_on_standard_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_drawing(label=3)
    export(tmp_path / "a.zip")
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "1/1" in shown.err
    assert "1 drawing exported." in shown.err


def test_a_run_that_breaks_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    def blocks() -> Iterator[bytes]:
        yield b"half"
        raise KeyboardInterrupt

    (tmp_path / "a.zip").write_bytes(b"earlier")
    for path in (tmp_path / "a.zip", tmp_path / "b.zip"):
        with pytest.raises(KeyboardInterrupt):
            write_whole(path, blocks())
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]
    assert (tmp_path / "a.zip").read_bytes() == b"earlier"


@pytest.mark.parametrize("place", ["", "missing/a.zip"])
def test_a_place_that_cannot_be_written_is_a_sentence(
    tmp_path: Path, place: str
) -> None:
    with pytest.raises(CommandError, match=r"is a folder|cannot be written"):
        export(tmp_path / place)


def test_drawings_are_read_as_they_are_written(
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    monkeypatch.setattr("recognizer.exchange.exports.BATCH", 2)
    for _ in range(6):
        make_drawing(label=7)
    drawings = exported_drawings(choose_drawings())
    with django_assert_num_queries(1):
        next(drawings)
    with django_assert_num_queries(3):
        list(drawings)


def test_more_entries_than_a_plain_zip_can_count() -> None:
    written = io.BytesIO()
    with tempfile.TemporaryFile() as directory:
        stream = ZipStream(directory)
        for number in range(66_000):
            content = b"%d" % number
            crc = zlib.crc32(content)
            parts = stream.entry(f"p/{number}", [content], len(content), crc)
            written.writelines(parts)
        written.writelines(stream.end())
    archive = ZipFile(written)
    assert len(archive.namelist()) == 66_000
    assert archive.read("p/65999") == b"65999"


@pytest.fixture
def superuser(client: Client) -> Client:
    client.force_login(make_user("admin", is_staff=True, is_superuser=True))
    return client


def test_a_superuser_downloads_the_same_zip(superuser: Client, tmp_path: Path) -> None:
    make_drawing("3", label=3)
    make_drawing("5")
    for options, query in (([], ""), (["--all"], "?all")):
        export(tmp_path / "a.zip", *options)
        response = superuser.get(BUTTON + query)
        assert response["Content-Type"] == "application/zip"
        assert "drawings.zip" in response["Content-Disposition"]
        assert response.getvalue() == (tmp_path / "a.zip").read_bytes()


def test_the_list_has_buttons_for_superusers_alone(superuser: Client) -> None:
    page = superuser.get("/admin/recognizer/submission/").content.decode()
    assert f'href="{BUTTON}"' in page
    assert f'href="{BUTTON}?all"' in page
    superuser.force_login(make_operator())
    page = superuser.get("/admin/recognizer/submission/").content.decode()
    assert BUTTON not in page


def test_an_operator_may_not_download(client: Client) -> None:
    client.force_login(make_operator())
    assert client.get(BUTTON).status_code == 403


def test_a_stranger_is_asked_to_log_in(client: Client) -> None:
    assert "/login/" in client.get(BUTTON)["Location"]


def test_the_first_block_comes_before_the_last_drawing_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("recognizer.exchange.zip_writer.BLOCK", 1)
    for digit in "12345":
        make_drawing(digit, label=1)
    drawings = exported_drawings(choose_drawings())
    assert next(write_zip(drawings)).startswith(b"PK")
    assert len(list(drawings)) == 4
