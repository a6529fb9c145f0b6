"""Receipt codes: whoever has a drawing's code may delete it, from any browser."""

from django.utils.crypto import constant_time_compare, salted_hmac

from recognizer.models import Submission


def receipt_code(submission: Submission) -> str:
    """Return the code, which only the sender is shown."""
    return salted_hmac(
        "recognizer.receipt", str(submission.pk), algorithm="sha256"
    ).hexdigest()[:12]


def is_receipt_code(code: str, submission: Submission) -> bool:
    return constant_time_compare(code.strip().lower(), receipt_code(submission))
