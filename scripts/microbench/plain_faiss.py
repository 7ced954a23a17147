"""FAISS called from plain Python, for comparison with the same calls through the engine host.

Prints one JSON object. usage: plain_faiss.py loop|batch FACTORY NPROBE SECONDS LOOPS
"""

import json
import multiprocessing
import os
import sys
import time

os.environ["OMP_NUM_THREADS"] = "1"

import faiss
import numpy

FOLDER = os.path.join(os.path.dirname(__file__), "..", "..", "datasets", "bundled", "wiki-movies")
K = 10
BATCH = 1000


def load(name):
    """The vectors of a file, widened and normalised."""
    rows = numpy.load(os.path.join(FOLDER, name)).astype(numpy.float32)
    return rows / numpy.linalg.norm(rows, axis=1, keepdims=True)


def run_loop(index, params, queries, seconds):
    """Searches one query after the other; searches a second."""
    singles = [queries[row : row + 1] for row in range(len(queries))]
    done = 0
    begin = time.perf_counter()
    end = begin + seconds
    while time.perf_counter() < end:
        index.search(singles[done % len(singles)], K, params=params)
        done += 1
    return done / (time.perf_counter() - begin)


def run_batch(index, params, queries, seconds):
    """Searches 1,000 queries in one call; queries a second."""
    many = numpy.tile(queries, (-(-BATCH // len(queries)), 1))[:BATCH].copy()
    done = 0
    begin = time.perf_counter()
    end = begin + seconds
    while time.perf_counter() < end:
        index.search(many, K, params=params)
        done += BATCH
    return done / (time.perf_counter() - begin)


def main():
    mode, factory, nprobe, seconds, loops = sys.argv[1:]
    base, queries = load("base.f16.npy"), load("queries.f16.npy")
    index = faiss.index_factory(base.shape[1], factory, faiss.METRIC_INNER_PRODUCT)
    if "IVF" in factory:
        # As the engine host seeds it: other lists would be other work.
        index.cp.seed = 1
    faiss.omp_set_num_threads(os.cpu_count())
    index.train(base)
    index.add(base)
    faiss.omp_set_num_threads(1)
    params = faiss.SearchParametersIVF(nprobe=int(nprobe)) if "IVF" in factory else None
    work = run_loop if mode == "loop" else run_batch
    work(index, params, queries, 0.3)
    arguments = [(index, params, queries, float(seconds))] * int(loops)
    if len(arguments) == 1:
        rates = [work(*arguments[0])]
    else:
        results = multiprocessing.Queue()
        children = [
            multiprocessing.Process(target=lambda: results.put(work(*arguments[0])))
            for _ in arguments
        ]
        for child in children:
            child.start()
        rates = [results.get() for _ in children]
        for child in children:
            child.join()
    print(json.dumps({"qps": sum(rates)}))


main()
