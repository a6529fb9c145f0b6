"""The app: a drawing comes in, a Chainer network reads it, and people review what it read."""

from recognizer.reading import chainer_compat

# Chainer 7.8.1 cannot be imported on today's Python and NumPy without this. Every module of this package
# runs after it, so each may say `import chainer`.
chainer_compat.prepare()
