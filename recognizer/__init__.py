"""The app: people send drawings, a network reads them, operators review them."""

from recognizer.reading import chainer_compat

# Chainer 7.8.1 cannot be imported on today's Python and NumPy without this. It runs
# before every module of this package, so each of them can import Chainer.
chainer_compat.prepare()
