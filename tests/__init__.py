import os

# With a worker on each core, the threads that one starts wait for a core of another, and wait by turning round:
# numerical tests took several times as long. Set here, before NumPy or PyTorch is imported; tests of threads choose
# their own number.
if "PYTEST_XDIST_WORKER" in os.environ:
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
