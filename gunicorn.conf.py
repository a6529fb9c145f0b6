# Gunicorn reads this file by itself, and PORT too.
import os
from pathlib import Path
from typing import Any

workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 4  # a slow upload keeps one thread waiting, not the worker
preload_app = (
    True  # bad settings are reported once, not by workers that start over and over
)

# Heroku's router gives up after 30 seconds, and a stopping dyno is killed after 30. It keeps idle connections
# for 90 seconds and should be the one that closes them.
timeout = 25
graceful_timeout = 25
keepalive = 100
SILENCE = 10  # seconds without a byte of a body that was announced

# Django alone decides whether X-Forwarded-Proto is believed (TRUSTED_PROXIES). Gunicorn would believe any
# client on this machine.
forwarded_allow_ips = ""

# The heartbeat's file: a slow disk would make workers look dead.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  it names a folder, no file

# No one manages the server through a socket in the home directory.
control_socket_disable = True


def when_ready(_server: object) -> None:
    # Chainer once, before the workers part: they share its memory, and no visitor waits for it.
    import recognizer.reading.networks  # noqa: F401


def pre_request(_worker: object, request: Any) -> None:
    # A client that announces more than it sends would keep its thread for ever.
    request.unreader.sock.settimeout(SILENCE)
