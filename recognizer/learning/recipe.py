"""Everything one would tune, in one place: change a number here and train again.

`train`, `extract_model` and `improve` read these constants. Three things are not here:
the strides of the CNN belong to the architecture that is served
(recognizer/reading/networks.py); the split into training and test data is fixed in
data/splits.py, so that figures stay comparable; and the camera of a rendered
photograph is described where it is computed (drawing/photographs.py).

A 'share' is between 0 and 1. A 'deviation' is the standard deviation of a normal
distribution around 0.
"""

# --- What an epoch of the CNN consists of ---

# Percent of an epoch's glyphs. drawing/examples.py makes one of each kind. Kinds
# whose data set is missing leave their percentage to the others, in proportion.
KINDS: dict[str, float] = {
    "mnist": 43,  # scanned digits: the largest variety of handwriting
    "digit": 20.5,  # pendigits: digits as they are drawn on a screen
    "style": 4,  # ways of writing that the data sets hardly have: crossed 7s ...
    "plain": 1.5,  # plain digits of the project's own drawing
    "doodle": 7.5,  # what people draw when it is not a digit
    "character": 7.5,  # characters that resemble digits without being digits
    "letter": 1.5,  # Latin letters and signs as they are printed by hand
    "printed": 3,  # letters of many alphabets from fonts
    "scribble": 0.5,  # random lines
    "sign": 5.5,  # invented characters: they raise the refusal of unknown alphabets
    "turned": 1.5,  # digits lying on their side or mirrored
    "several": 3.5,  # two or three digits
    "sheet": 0.5,  # ruled paper without writing
}
GLYPHS = 80_000  # an epoch: about half of them come from MNIST's 55,000
HELD_OUT_GLYPHS = 4_000  # to evaluate on after each epoch: 40 are a percentage point

# --- The networks ---

# Channels of the six convolutions. Twice as many everywhere are four times the products.
CNN_WIDTHS = (24, 40, 40, 80, 80, 128)
CNN_DROPOUT = 0.3  # share of the last layer's inputs: prevents overfitting
MLP_UNITS = 1000  # in each hidden layer, as in Chainer's example

# --- Training: the learning rate grows, then falls along a cosine ---

EPOCHS = {"cnn": 24, "mlp": 20}  # the MLP's as in Chainer's example
BATCH_SIZE = {"cnn": 128, "mlp": 100}  # glyphs
PEAK_RATE = 3e-3  # the largest learning rate of the cycle
WARM_UP = 0.1  # share of the run in which the learning rate grows to its peak
LEAST_RATE = 1e-3  # share of the peak: the rate never becomes 0
WEIGHT_DECAY = 1e-2  # share of the weights per step, times the learning rate

# --- Boards and pens of drawings to learn from ---

BOARD_SIDE = 112  # px: a sixth of the pixels of the site's 280
DRAWN_HEIGHT = 0.8  # of the board; it matters little, as glyphs are scaled to one size
PENS = (0.012, 0.125)  # of the board's side, log-uniform: from 3 to 35 px on the site's

PHOTOGRAPHED = 0.04  # share of drawings that are photographed from paper
SHEET_SIDE = 160  # px: photographs need more detail than boards
SHEET_HEIGHTS = (0.4, 0.8)  # of the sheet
SHEET_PENS = (3.0, 8.0)  # px: from a ballpoint to a felt pen

# --- `vary`: the same strokes as another person would draw them ---

TURN = 0.13  # deviation, radians; twice this is 15 degrees
SLANT = 0.13  # deviation, horizontal shift per unit of height
STRETCH = 0.15  # deviation, logarithm of width to height
MOST = 0.4  # limit of each of the three: beyond it digits become others
BEND = 0.025  # deviation, amplitude of each wave as a share of the drawing's side
SHIFT = 0.02  # deviation, how far each stroke moves separately, share of the side
SHORTEN = 0.06  # at most this share of a stroke's points is missing at each end
CALM = 0.7  # amount of variation where legibility suffers sooner: turned, several

# --- `warp`: the same picture, turned, slanted and bent ---

WARPED = 0.7  # share of MNIST's digits; the others stay as they are
WARP_TURN = 0.12  # deviation, radians
WARP_SLANT = 0.12  # deviation, horizontal shift per unit of height
WARP_STRETCH = 0.1  # deviation, logarithm of the width and of the height
WARP_MOST = 0.3  # limit of each of the four
WARP_BEND = 0.05  # deviation of each grid point, share of half the side
FATTER = 0.15  # share of pictures whose strokes become half a pixel wider all round
THINNER = 0.10  # share whose strokes become half a pixel narrower all round

# --- Non-digits ---

CHARACTERS_TURNED = 0.6  # share: turned or mirrored, they stand for other alphabets
STROKES_EXCHANGED = 0.5  # share of those where a stroke comes from another character
TWO_DIGITS = 0.75  # share of 'several'; the others are three
SIDE_BY_SIDE = 0.75  # share of 'several'; the others are scattered

# --- Calibration, on digits of the 'choose' part ---

FITTED_ON = ("mnist", "writers", "styles", "photographs")  # test sets: temperature
BOUND_BY = ("mnist", "writers")  # each condition of these keeps the two limits below
NOT_A_DIGIT_SHARE = 0.006  # at most this share of digits is refused as no digit
UNSURE_SHARE = 0.003  # and at most this share is called unsure

# --- `improve`: learn what visitors drew, and rehearse what was learnt before ---

# Percent of the rehearsed glyphs, as in KINDS. Without doodles/ and characters/ the
# project's own non-digits keep the network from forgetting what is no digit.
REHEARSED_KINDS: dict[str, float] = {
    "mnist": 28,
    "digit": 14,
    "style": 11,
    "plain": 6,
    "doodle": 8,
    "character": 8,
    "letter": 4,
    "printed": 8,
    "scribble": 1.5,
    "sign": 8,
    "turned": 1,
    "several": 2,
    "sheet": 0.5,
}
REHEARSED_GLYPHS = 15_000  # with every round; a round takes longer in proportion
IMPROVING_EPOCHS = 4
IMPROVING_RATE = 3e-4  # a tenth of PEAK_RATE: the network is to change little
# Share of the old model's probabilities in the targets of the rehearsed glyphs. The
# rest is the label.
OLD_MODELS_SHARE = 0.5
# Share of the fine-tuned parameters in the result; the rest is the old model's. With 1,
# people whose drawings were not learnt were read worse, beyond chance; with 0.5 not.
TUNED_SHARE = 0.5
LEAST_NEW_LABELS = 100  # with fewer a round is not worth its minutes
