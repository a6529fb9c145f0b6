"""A reading as a row of the database."""

from recognizer.inference import Reading
from recognizer.models import Prediction, Submission, TrainedModel
from recognizer.reading.glyphs import PREPROCESSING_VERSION, Glyph


def build_prediction(
    submission: Submission,
    model: TrainedModel,
    glyph: Glyph,
    reading: Reading,
    milliseconds: float,
) -> Prediction:
    """Return an unsaved prediction. The drawing must not be blank."""
    return Prediction(
        submission=submission,
        model=model,
        preprocessing=PREPROCESSING_VERSION,
        digit=reading.digit,
        verdict=reading.verdict,
        read_as=reading.read_as,
        confidence=reading.confidence,
        margin=reading.margin,
        probabilities=reading.probabilities,
        glyph=glyph.tobytes(),
        milliseconds=milliseconds,
    )
