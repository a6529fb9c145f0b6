"""The environment of tests. pytest loads this before Django reads its settings.

See addopts in pyproject.toml.
"""

import os

# Plain http. The servers of tests/production have an environment of their own.
os.environ["DEBUG"] = "1"
# Playwright runs an event loop in the thread of the test.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
