"""Exact search by FAISS called from plain Python: all queries in one call.

Prints one JSON object. usage: plain_faiss_flat.py BASE QUERIES DIMENSIONS K THREADS
"""

import json
import os
import sys
import time

THREADS = int(sys.argv[5])
os.environ["OMP_NUM_THREADS"] = str(THREADS)

import faiss
import numpy


def main():
    dimensions, k = int(sys.argv[3]), int(sys.argv[4])
    base, queries = (
        numpy.fromfile(path, dtype=numpy.float32).reshape(-1, dimensions) for path in sys.argv[1:3]
    )
    faiss.omp_set_num_threads(THREADS)
    index = faiss.IndexFlatIP(dimensions)
    index.add(base)
    index.search(queries[:100], k)
    begin = time.perf_counter()
    _, ids = index.search(queries, k)
    print(json.dumps({"seconds": time.perf_counter() - begin, "first": ids[:, 0].tolist()}))


main()
