"""Loaded by pytest before Django reads the settings (see addopts in pyproject.toml)."""

import os

os.environ["DEBUG"] = (
    "1"  # plain http in tests; tests/production starts its servers with an environment of its own
)
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = (
    "true"  # Playwright keeps an event loop running beside the test
)
