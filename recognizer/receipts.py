"""Receipt codes: anyone who has the code of a drawing can delete the drawing."""

from django.utils.crypto import constant_time_compare, salted_hmac

from recognizer.models import Submission

LENGTH = 12


def receipt_code(submission: Submission) -> str:
    """Return the code. Only the sender may see it."""
    uuid = str(submission.pk)
    digest = salted_hmac("recognizer.receipt", uuid, algorithm="sha256").hexdigest()
    return digest[:LENGTH]


def is_receipt_code(code: str, submission: Submission) -> bool:
    return constant_time_compare(code.strip().lower(), receipt_code(submission))
