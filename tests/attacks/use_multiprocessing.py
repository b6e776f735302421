"""Computes in a pool of processes."""
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

for method in ("fork", "spawn", "forkserver"):
    try:
        with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(method)) as pool:
            if list(pool.map(abs, [1, -1])) == [1, 1]:
                breached(method)
    except Exception:
        continue
