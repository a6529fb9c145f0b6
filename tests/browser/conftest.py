import pytest
from playwright.sync_api import CDPSession, Page


@pytest.fixture
def board(page: Page) -> Page:
    page.goto("/")
    return page


@pytest.fixture
def hand(board: Page) -> CDPSession:
    return board.context.new_cdp_session(board)
