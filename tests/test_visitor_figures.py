"""How well a model reads visitors' drawings: which labels count, and what the page shows."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from recognizer.models import Source, Submission, TrainedModel
from recognizer.reading.constants import CANNOT_TELL, NOT_A_DIGIT, SEVERAL
from recognizer.reviewing.visitor_figures import measure
from recognizer.rollout.active_model import active_classifier, get_row
from recognizer.statistics import Share
from tests.factories import (
    make_model,
    make_prediction,
    make_submission,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model_file")]

LIST = "/admin/recognizer/submission/"
FIGURES = f"{LIST}figures/"


@pytest.fixture
def model(model_file: Any) -> TrainedModel:
    """The active one."""
    return get_row(active_classifier())


def make_labelled(
    label: int | None = 7,
    read_as: int = 7,
    *,
    verdict: str | None = None,
    confidence: float = 0.91,
    **kwargs: Any,
) -> Submission:
    """A submission kept aside, with a label and what was read."""
    answer = reading(read_as, verdict) | {"confidence": confidence}
    return make_submission(
        **({"kept_aside": True, "label": label, "answer": answer} | kwargs)
    )


def reading(read_as: int, verdict: str | None = None) -> dict[str, Any]:
    verdicts = {NOT_A_DIGIT: "not_a_digit", SEVERAL: "several"}
    digit = read_as if read_as < 10 else None
    return {"digit": digit, "verdict": verdict or verdicts.get(read_as, "digit")}


def make_many(count: int, **kwargs: Any) -> list[Submission]:
    return [make_labelled(**kwargs) for _number in range(count)]


def page(client: Client, **query: Any) -> str:
    response = client.get(FIGURES, query)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", unescape(response.content.decode()))


def listed(client: Client, address: str) -> set[str]:
    """The submissions that a page of the list shows."""
    shown = client.get(address, follow=False)
    assert shown.status_code == 200
    found = re.findall(
        r'name="_selected_action" value="([^"]+)"', shown.content.decode()
    )
    return set(found)


def ids(submissions: Sequence[Submission]) -> set[str]:
    return {str(submission.pk) for submission in submissions}


def links(shown: str) -> dict[str, tuple[int, str]]:
    """The confusion matrix's links: what their name says, their number and address."""
    found = re.findall(r'<a href="([^"]+)" aria-label="([^"]+)">(\d+)</a>', shown)
    return {name: (int(count), address) for address, name, count in found}


def row(shown: str, caption: str, name: str) -> list[str]:
    """The cells of a table's row, without mark-up."""
    (table,) = re.findall(rf">{re.escape(caption)}</caption>(.*?)</table>", shown)
    (cells,) = re.findall(
        rf'<th scope="row"> ?{re.escape(name)} ?</th>(.*?)</tr>', table
    )
    plain = re.findall(r"<td[^>]*>(.*?)</td>", cells)
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in plain]


def test_it_is_shown_to_those_who_may_see_submissions_and_to_no_one_else(
    client: Client,
) -> None:
    assert client.get(FIGURES).status_code == 302
    client.force_login(make_user())
    assert client.get(FIGURES).status_code == 302
    clerk = make_user("clerk", is_staff=True)
    client.force_login(clerk)
    assert client.get(FIGURES).status_code == 403
    assert FIGURES not in client.get("/admin/").content.decode()
    clerk.user_permissions.add(Permission.objects.get(codename="view_submission"))
    assert client.get(FIGURES).status_code == 200


def test_the_home_and_the_list_lead_to_it(operator: Client) -> None:
    for place in ("/admin/", LIST):
        assert f'href="{FIGURES}"' in operator.get(place).content.decode()


def test_only_labels_of_drawings_kept_aside_count(model: TrainedModel) -> None:
    counted = make_labelled(answer=reading(7) | {"model": model})
    make_labelled(label=None, answer=reading(7) | {"model": model})
    make_labelled(label=None, claim=3, answer=reading(7) | {"model": model})
    make_labelled(label=CANNOT_TELL, answer=reading(7) | {"model": model})
    make_labelled(kept_aside=False, answer=reading(7) | {"model": model})
    figures = measure(model)
    assert figures.all == Share(1, 1)
    assert sum(map(sum, figures.confusion)) == 1
    assert figures.by_source == {counted.source: Share(1, 1)}
    assert list(figures.by_week.values()) == [Share(1, 1)]
    assert [each.share for each in figures.reliability] == [Share(1, 1)]


def test_only_what_the_model_reads_today_counts(model: TrainedModel) -> None:
    submission = make_labelled(7, 7)
    other = make_model(likely=3)
    make_prediction(submission, model=other, **reading(3))
    make_prediction(submission, model=model, preprocessing=0, **reading(3))
    assert measure(model).all == Share(1, 1)
    assert measure(other).all == Share(0, 1)
    assert measure(None).all == Share(0, 0)


def test_the_figures_count_what_they_say(model: TrainedModel) -> None:
    make_many(3, label=4, read_as=4)
    make_labelled(4, 9)
    make_labelled(4, 4, verdict="unsure")
    make_labelled(4, NOT_A_DIGIT)
    make_labelled(NOT_A_DIGIT, NOT_A_DIGIT)
    make_labelled(NOT_A_DIGIT, 1)
    make_labelled(SEVERAL, 1, verdict="unsure")
    make_labelled(SEVERAL, NOT_A_DIGIT)
    figures = measure(model)
    assert figures.all == Share(5, 10)
    assert figures.digits == Share(4, 6)
    assert figures.by_label[4] == Share(4, 6)
    assert figures.by_label[NOT_A_DIGIT] == Share(1, 2)
    assert figures.by_label[SEVERAL] == Share(0, 2)
    assert figures.by_label[0] == Share(0, 0)
    assert figures.digits_refused == Share(2, 6)
    assert figures.others_accepted == Share(1, 4)
    assert figures.confusion[4][9] == 1
    assert figures.confusion[SEVERAL][NOT_A_DIGIT] == 1


def test_sources_and_weeks_are_counted_apart(model: TrainedModel) -> None:
    sunday = datetime(2026, 3, 1, 23, 59, tzinfo=UTC)
    monday = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
    make_labelled(7, 7, created=monday, source=Source.API)
    make_labelled(7, 1, created=monday)
    make_labelled(7, 7, created=sunday)
    figures = measure(model)
    assert figures.by_source == {"api": Share(1, 1), "canvas": Share(1, 2)}
    weeks = [(date(2026, 2, 23), Share(1, 1)), (date(2026, 3, 2), Share(1, 2))]
    assert list(figures.by_week.items()) == weeks


def test_reliability_is_that_of_readings_that_name_a_digit(model: TrainedModel) -> None:
    make_labelled(7, 7, confidence=0.0)
    make_labelled(7, 7, confidence=0.95)
    make_labelled(7, 1, confidence=1.0)
    make_labelled(NOT_A_DIGIT, NOT_A_DIGIT, confidence=0.3)
    lowest, highest = measure(model).reliability
    assert (lowest.bounds, lowest.share) == ((0, 0.1), Share(1, 1))
    assert (highest.bounds, highest.share) == ((0.9, 1), Share(1, 2))
    assert highest.confidence == pytest.approx(0.975)


def test_without_any_drawing_it_says_that_labels_are_missing(operator: Client) -> None:
    shown = page(operator)
    assert "Too few labels to tell." in shown
    assert "30 more labels are needed" in shown
    assert "<svg class" not in shown


def test_below_thirty_labels_it_shows_no_figure(
    operator: Client, model: TrainedModel
) -> None:
    make_many(29)
    shown = page(operator)
    assert "29 drawings count here." in shown
    assert "One more label is needed" in shown
    assert '<svg class="chart"' not in shown
    assert "95 % interval" not in shown
    make_labelled()
    shown = page(operator)
    assert "Too few labels to tell." not in shown
    assert shown.count('<svg class="chart"') == 4


def test_it_shows_the_shares_with_their_intervals(
    operator: Client, model: TrainedModel
) -> None:
    make_many(45)
    make_many(3, read_as=1)
    make_many(2, label=1, read_as=7)
    shown = page(operator)
    assert row(shown, "Summary", "Read right") == [
        "45",
        "50",
        "90.00 %",
        "78.64 % \N{EN DASH} 95.65 %",
    ]
    assert row(shown, "By label", "7")[:2] == ["45", "48"]
    assert row(shown, "By source", "uploaded") == ["0", "0", "no labels"]
    assert row(shown, "Calibration", "90 % \N{EN DASH} 100 %")[0] == ("91.00 %")
    # An interval one point wide at 90 %, by the formula of the interval
    assert "needs 13833 labels." in shown


def test_a_digit_that_no_label_names_is_listed_without_a_figure(
    operator: Client, model: TrainedModel
) -> None:
    make_many(30)
    make_labelled(label=3, read_as=3)
    shown = page(operator)
    assert row(shown, "By label", "5") == ["0", "0", "no labels"]
    assert "too few labels to tell" in row(shown, "By label", "3")[-1]
    assert "too few" not in row(shown, "By label", "7")[-1]


def test_the_cells_lead_to_exactly_the_drawings_that_they_count(
    operator: Client, model: TrainedModel
) -> None:
    wanted = make_many(2, label=4, read_as=9)
    right = make_many(28, label=4, read_as=4)
    make_labelled(label=4, read_as=9, kept_aside=False)
    make_labelled(label=None, read_as=9)
    make_labelled(label=9, read_as=4)
    found = links(page(operator))
    assert len(found) == 3
    count, address = found["2 drawings: label '4', read as '9'"]
    assert count == 2
    assert listed(operator, address) == ids(wanted)
    _count, address = found["28 drawings: label '4', read as '4'"]
    assert listed(operator, address) == ids(right)


def test_the_cells_of_another_model_lead_to_what_that_model_read(
    operator: Client, model: TrainedModel
) -> None:
    submissions = make_many(30, label=4, read_as=4)
    make_labelled(label=4, read_as=9)  # which the other model has not read
    other = make_model(likely=9)
    for submission in submissions[:2]:
        make_prediction(submission, model=other, **reading(4))
    for submission in submissions[2:]:
        make_prediction(submission, model=other, **reading(9))
    found = links(page(operator, model=other.pk))
    assert {count for count, _address in found.values()} == {2, 28}
    _count, address = found["28 drawings: label '4', read as '9'"]
    assert listed(operator, address) == ids(submissions[2:])


@pytest.mark.parametrize(
    "query",
    [
        {"read_as": "x"},
        {"read_as": "12"},
        {"read_as": "-1"},
        {"read_as": "4", "read_by": "x"},
        {"read_as": "4", "read_by": "987654321"},
        {"read_as": "4", "read_by": "9" * 30},
        {"read_as": "4", "read_by": ""},
    ],
)
def test_the_list_refuses_a_reading_or_a_model_that_is_none(
    operator: Client, query: dict[str, str]
) -> None:
    response = operator.get(LIST, query)
    assert (response.status_code, response["Location"]) == (302, f"{LIST}?e=1")


def test_the_list_filters_by_the_answer_and_says_by_what_it_filters(
    operator: Client, model: TrainedModel
) -> None:
    four, _nine = make_labelled(label=4, read_as=4), make_labelled(label=4, read_as=9)
    address = f"{LIST}?label=4&read_as=4"
    assert listed(operator, address) == ids([four])
    assert 'data-filter-title="read as"' in operator.get(address).content.decode()
    by_model = operator.get(f"{address}&read_by={model.pk}").content.decode()
    assert f'data-filter-title="read by {model} as"' in by_model
    assert listed(operator, f"{LIST}?label=4&read_by={model.pk}") == ids([four, _nine])


def test_the_active_model_is_shown_unless_another_is_chosen(
    operator: Client, model: TrainedModel
) -> None:
    *_others, submission = make_many(31)
    other = make_model(likely=3, name="other")
    make_prediction(submission, model=other, **reading(3))
    unused = make_model(likely=5, name="unused")
    shown = page(operator)
    (chosen,) = re.findall(r'<option value="(\d+)" selected>', shown)
    assert chosen == str(model.pk)
    assert f"{model} \N{EN DASH} active" in shown
    assert str(unused) not in shown
    assert "31 drawings count here." in shown
    shown = page(operator, model=other.pk)
    (chosen,) = re.findall(r'<option value="(\d+)" selected>', shown)
    assert chosen == str(other.pk)
    assert "One drawing counts here." in shown
    assert "This model has not read 30 more such drawings." in shown
    assert "29 more labels are needed" in shown


@pytest.mark.parametrize(
    "key", ["x", "0", "-1", "987654321", "9" * 30, "\0", "1 ", "²"]
)
def test_a_model_that_is_none_is_not_found(
    operator: Client, model: TrainedModel, key: str
) -> None:
    assert operator.get(FIGURES, {"model": key}).status_code == 404


def test_a_model_without_predictions_is_not_found(operator: Client) -> None:
    assert operator.get(FIGURES, {"model": make_model(likely=3).pk}).status_code == 404


def test_it_says_how_many_drawings_wait_for_a_label(
    operator: Client, model: TrainedModel
) -> None:
    waiting = make_many(2, label=None)
    make_labelled(label=None, kept_aside=False)
    shown = page(operator)
    assert "2 drawings kept aside have no label yet" in shown
    (address,) = re.findall(r'<a href="([^"]+\?kept_aside[^"]+)">', shown)
    assert listed(operator, address) == ids(waiting)


def test_it_takes_a_fixed_number_of_queries(
    operator: Client,
    model: TrainedModel,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    make_many(30)
    for likely in range(5):
        submission = make_labelled(created=datetime(2026, 1 + likely, 1, tzinfo=UTC))
        make_prediction(submission, model=make_model(likely), **reading(likely))
    # Two for the session and the user, two for rights, one for the promotion, one for the
    # models, one for the figures, two for what is not counted
    with django_assert_num_queries(10):
        page(operator)


def test_nothing_in_it_needs_inline_styles_or_scripts(
    operator: Client, model: TrainedModel
) -> None:
    make_many(30)
    content = page(operator).partition('id="content-main"')[2]
    assert " style=" not in content
    assert "<style" not in content
    assert "<script" not in content.partition("<footer")[0]


def test_in_another_language_the_coordinates_stay_numbers(
    operator: Client, model: TrainedModel, settings: Settings
) -> None:
    settings.LANGUAGES = [*settings.LANGUAGES, ("de", "Deutsch")]
    make_many(30)
    shown = operator.get(FIGURES, headers={"Accept-Language": "de"}).content.decode()
    assert '<html lang="de"' in shown
    assert re.search(r'<circle class="many" cx="\d+\.\d"', shown)
    assert not re.search(r' [cxy]+[12]?="[^"]*,', shown)
