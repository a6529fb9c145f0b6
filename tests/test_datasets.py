"""MNIST, read from a folder and downloaded from a mirror, and the errors of both."""

import gzip
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from recognizer.learning.data.labelled import DatasetError
from recognizer.learning.data.mnist import download_mnist, load_mnist, read_mnist
from recognizer.reading.constants import DIGITS
from tests.mnist import NAMES, write_mnist


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return write_mnist(tmp_path / "mnist", monkeypatch)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def mirror(folder: Path) -> Iterator[str]:
    with ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(Quiet, directory=folder)
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_it_reads_gzipped_files(folder: Path) -> None:
    train, test = read_mnist(folder)
    assert (train.images.shape, train.labels.shape) == ((40, 28, 28), (40,))
    assert test.labels.tolist() == sorted([*range(DIGITS), *range(DIGITS)])
    assert test.images[0].max() == 255


def test_it_reads_plain_files(folder: Path) -> None:
    packed = read_mnist(folder)
    for path in folder.glob("*.gz"):
        path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()
    assert (read_mnist(folder)[0].images == packed[0].images).all()


def test_mnist_may_be_in_a_subfolder(folder: Path) -> None:
    assert len(load_mnist(folder.parent)[0].labels) == len(load_mnist(folder)[0].labels)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / f"{NAMES[3]}.gz").unlink()
    with pytest.raises(DatasetError, match=f"{NAMES[3]}.gz is missing"):
        read_mnist(folder)


def test_a_truncated_file_is_named(folder: Path) -> None:
    path = folder / f"{NAMES[0]}.gz"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(DatasetError, match="damaged or incomplete"):
        read_mnist(folder)


def test_an_altered_file_is_named(folder: Path) -> None:
    path = folder / f"{NAMES[1]}.gz"
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[-1] ^= 1
    path.write_bytes(gzip.compress(bytes(content)))
    with pytest.raises(DatasetError, match="md5 differs"):
        read_mnist(folder)


def test_it_downloads_what_is_missing(
    mirror: str, folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    download_mnist(tmp_path / "cache", [mirror])
    assert (
        read_mnist(tmp_path / "cache")[0].images == read_mnist(folder)[0].images
    ).all()
    assert "100%" in capfd.readouterr().err  # the progress bar


def test_files_that_are_there_are_not_downloaded_again(folder: Path) -> None:
    download_mnist(folder, ["http://127.0.0.1:9/"])


def test_the_next_mirror_serves_when_the_first_does_not(
    mirror: str, tmp_path: Path
) -> None:
    download_mnist(tmp_path / "cache", ["http://127.0.0.1:9/", mirror])
    assert len(list((tmp_path / "cache").iterdir())) == 4


def test_an_unreachable_mirror_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="MNIST could not be downloaded"):
        download_mnist(tmp_path / "cache", ["http://127.0.0.1:9/"])


def test_a_damaged_download_leaves_no_file(
    mirror: str, folder: Path, tmp_path: Path
) -> None:
    (folder / f"{NAMES[0]}.gz").write_bytes(b"\x1f\x8b damaged")
    with pytest.raises(DatasetError, match="damaged or incomplete"):
        download_mnist(tmp_path / "cache", [mirror])
    assert list((tmp_path / "cache").iterdir()) == []
