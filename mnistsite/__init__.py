import os

# Before NumPy is loaded by anyone: a second BLAS thread doubles the time of a single prediction.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
