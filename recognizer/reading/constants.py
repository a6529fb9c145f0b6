"""The classes and names that the whole project uses. This module imports nothing."""

# The network has twelve classes: the digits 0 to 9 and two more. A reviewer's label and
# a visitor's claim use the same numbers; a label has one value more.
DIGITS = 10
NOT_A_DIGIT = 10
SEVERAL = 11
CLASSES = 12
CANNOT_TELL = 12  # this label is kept, and never learned from or counted

# The labels that are not digits: their names in files and addresses
LABEL_NAMES = {
    NOT_A_DIGIT: "not_a_digit",
    SEVERAL: "several",
    CANNOT_TELL: "cannot_tell",
}

VERDICTS = ("digit", "unsure", "not_a_digit", "several", "blank")

ARCHITECTURES = ("cnn", "mlp")
DEFAULT_ARCHITECTURE = "cnn"  # what `train` builds
# A file of parameters without metadata holds the network of Chainer's MNIST example.
BARE_ARCHITECTURE = "mlp"

# The test sets of `evaluate`, in the order in which they are shown
TEST_SETS = (
    "mnist",
    "writers",
    "styles",
    "photographs",
    "doodles",
    "characters",
    "letters",
    "several",
)
