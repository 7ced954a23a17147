"""hnswlib: one HNSW graph of full vectors; its calls let go of the GIL."""

from importlib.metadata import version

import hnswlib
import numpy

from .contract import Engine as Contract
from .contract import EngineError
from .parameters import refuse_rest, take
from .turns import Turns

# hnswlib's own names; under cosine it normalises rows and queries itself.
SPACES = ("l2", "ip", "cosine")
# What hnswlib does where nothing is said.
DEGREE, EF_CONSTRUCTION, EF = 16, 200, 10


class Engine(Contract):
    """One hnswlib index."""

    name = "hnswlib"

    def __init__(self):
        self._index = None
        self._build_threads = 1
        self._search_threads = 1
        self._turns = None

    def versions(self):
        settings = {
            "numpy": numpy.__version__,
            # A setting of the index: searches with another value wait until it is theirs.
            "efSearchAtOnce": 1,
        }
        return {"version": version("hnswlib"), "settings": settings, "warnings": []}

    def create(self, spec):
        if spec["metric"] not in SPACES or spec["family"] != "hnsw":
            wanted = f"{spec['family']} under {spec['metric']}"
            message = f"hnswlib has no {wanted}; it has hnsw under {', '.join(SPACES)}"
            raise EngineError("BAD_ARGUMENT", message)
        params = spec["params"]
        index = hnswlib.Index(spec["metric"], spec["dimensions"])
        index.init_index(
            max_elements=spec["rows"],
            M=params.get("M", DEGREE),
            ef_construction=params.get("efConstruction", EF_CONSTRUCTION),
            random_seed=spec["seed"],
        )
        self._index = index
        self._build_threads = spec["buildThreads"]
        self._search_threads = spec["searchThreads"]
        self._turns = Turns(index.set_ef)
        return {"trained": True, "settings": {}}

    def add(self, vectors):
        first = self._index.element_count
        labels = numpy.arange(first, first + len(vectors))
        self._index.add_items(vectors, labels, self._build_threads)

    def count(self):
        return self._index.element_count

    def index_bytes(self):
        return self._index.index_file_size()

    def search_parameters(self, values):
        rest = dict(values)
        ef = take(rest, "efSearch", EF)
        refuse_rest(rest, self.name)
        return ef

    def bind(self, queries, k, distances, rows):
        index, turns, threads = self._index, self._turns, self._search_threads
        wanted = min(k, index.element_count)
        found = rows[:, :wanted]
        rows[:, wanted:] = -1

        def search(ef):
            turns.enter(ef)
            try:
                found[:] = index.knn_query(queries, wanted, threads)[0]
            except RuntimeError as cause:
                message = f"hnswlib, searching {wanted} rows with efSearch {ef}: {cause}"
                raise EngineError("STORE_FAILED", message) from cause
            finally:
                turns.leave()

        return search
