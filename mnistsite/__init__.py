import os

# Before NumPy is imported: a second BLAS thread doubles the time of a single reading.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
