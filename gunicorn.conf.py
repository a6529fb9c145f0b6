# Gunicorn reads this file from the current folder, and the environment variable PORT.
import os
from pathlib import Path
from typing import Any

workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 4  # a slow upload blocks one thread, not the whole worker
# Invalid settings are reported once, and workers do not restart again and again.
preload_app = True

# Heroku's router gives up after 30 seconds, and a stopping dyno is killed after 30. The
# router keeps idle connections for 90 seconds, and should close them before the server
# does.
timeout = 25
graceful_timeout = 25
keepalive = 100
BODY_TIMEOUT = 10  # seconds to wait for the next bytes of a request body

# Only Django decides whether to trust X-Forwarded-Proto (TRUSTED_PROXIES). By default,
# Gunicorn would trust every client on this machine.
forwarded_allow_ips = ""

# The folder of the heartbeat files. On a slow disk, busy workers would look dead.
MEMORY = "/dev/shm"  # noqa: S108 - a folder, not a file with a guessable name
worker_tmp_dir = MEMORY if Path(MEMORY).is_dir() else None

# Gunicorn would otherwise create a control socket in the home directory.
control_socket_disable = True


def when_ready(_server: object) -> None:
    # Import Chainer before the workers are forked: they share its memory, and no
    # visitor waits for the import.
    import recognizer.reading.networks  # noqa: F401


def pre_request(_worker: object, request: Any) -> None:
    # A client that sends less than its Content-Length would block its thread for ever.
    request.unreader.sock.settimeout(BODY_TIMEOUT)
