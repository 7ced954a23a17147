"""Qdrant's own engine in this process: one shard on disk, mapped into memory.

Every call of qdrant-edge-py 0.9.0 holds the GIL from its begin to its end.
"""

import os
from importlib.metadata import version

import numpy
from qdrant_edge import (
    BinaryQuantizationConfig,
    CompressionRatio,
    Distance,
    EdgeConfig,
    EdgeOptimizersConfig,
    EdgeShard,
    EdgeVectorParams,
    HnswIndexConfig,
    Memory,
    Point,
    ProductQuantizationConfig,
    QuantizationSearchParams,
    Query,
    QueryBatchRequest,
    QueryRequest,
    ScalarQuantizationConfig,
    ScalarType,
    SearchParams,
    UpdateOperation,
    VectorStorageDatatype,
)

from .contract import Engine as Contract
from .contract import EngineError
from .disk import allocated_bytes
from .edge_payload import edge_filter, make_indexes, payload_rows
from .parameters import refuse_rest, take, take_flag

DISTANCES = {"l2": Distance.Euclid, "ip": Distance.Dot, "cosine": Distance.Cosine}
DATATYPES = {
    "float32": VectorStorageDatatype.Float32,
    "float16": VectorStorageDatatype.Float16,
    "uint8": VectorStorageDatatype.Uint8,
}
# What Qdrant does where nothing is said.
DEGREE, EF_CONSTRUCTION = 16, 100
# In KB, the least that is possible: below these a graph is not built, or not used.
INDEXING_THRESHOLD, FULL_SCAN_THRESHOLD = 1, 1
NO_INDEXING = 0


def quantisation(params):
    """How Qdrant is told of the codes that stand beside the vectors; None for no codes."""
    kind = params.get("quantization", "none")
    if kind == "scalar":
        return ScalarQuantizationConfig(ScalarType.Int8, quantile=params.get("quantile"))
    if kind == "product":
        return ProductQuantizationConfig(getattr(CompressionRatio, f"X{params['compression']}"))
    return BinaryQuantizationConfig() if kind == "binary" else None


def graph(spec):
    """How Qdrant is told of the graph."""
    params = spec["params"]
    return HnswIndexConfig(
        m=params.get("M", DEGREE),
        ef_construct=params.get("efConstruction", EF_CONSTRUCTION),
        full_scan_threshold=FULL_SCAN_THRESHOLD,
        max_indexing_threads=spec["buildThreads"],
    )


def take_codes(values, quantised):
    """The parameters of a search through codes; None for what Qdrant does by default."""
    given = {name: values.pop(name) for name in ("rescore", "oversampling") if name in values}
    if not given:
        return None
    if not quantised:
        names = " and ".join(given)
        raise EngineError("BAD_ARGUMENT", f"{names} must be left out without quantization")
    if not given.get("oversampling", 1) >= 1:
        message = f"oversampling must be at least 1, got {given['oversampling']}"
        raise EngineError("BAD_ARGUMENT", message)
    take_flag(dict(given), "rescore", False)
    return QuantizationSearchParams(**given)


class Engine(Contract):
    """One shard, in one segment but for an empty one that would take more rows."""

    name = "qdrant-edge"
    takes_payload = True

    def __init__(self):
        self._shard = None
        self._exact = False
        self._quantised = False
        self._types = {}

    def versions(self):
        settings = {
            "numpy": numpy.__version__,
            # A call holds the GIL: those of other connections wait, and none counts as queued.
            "callsInFlight": 1,
            "engineNsIncludes": "query and ids between Python and Rust",
            "seeded": False,
        }
        return {"version": version("qdrant-edge-py"), "settings": settings, "warnings": []}

    def create(self, spec):
        if spec["metric"] not in DISTANCES or spec["family"] not in ("flat", "hnsw"):
            wanted = f"{spec['family']} under {spec['metric']}"
            message = f"qdrant-edge has no {wanted}; it has flat, hnsw under {', '.join(DISTANCES)}"
            raise EngineError("BAD_ARGUMENT", message)
        self._exact = spec["family"] == "flat"
        codes = None if self._exact else quantisation(spec["params"])
        self._quantised = codes is not None
        threshold = NO_INDEXING if self._exact else INDEXING_THRESHOLD
        vectors = EdgeVectorParams(
            size=spec["dimensions"],
            distance=DISTANCES[spec["metric"]],
            datatype=DATATYPES[spec["params"].get("datatype", "float32")],
            quantization_config=codes,
            hnsw_config=None if self._exact else graph(spec),
            memory=Memory.Cached,
        )
        config = EdgeConfig(
            vectors=vectors,
            optimizers=EdgeOptimizersConfig(indexing_threshold=threshold),
            max_search_threads=spec["searchThreads"],
            wal_enabled=True,
        )
        os.makedirs(self.folder)
        self._shard = EdgeShard.create(self.folder, config)
        settings = {"walEnabled": True, "vectorMemory": "cached", "indexingThresholdKb": threshold}
        if not self._exact:
            settings["fullScanThresholdKb"] = FULL_SCAN_THRESHOLD
        fields = spec.get("payload", [])
        self._types = {field["name"]: field["type"] for field in fields}
        settings.update(make_indexes(self._shard, fields))
        return {"trained": True, "settings": settings}

    def add(self, vectors):
        first = self.count()
        points = [Point(first + row, vector) for row, vector in enumerate(vectors)]
        self._shard.update(UpdateOperation.upsert_points(points))

    def add_with(self, vectors, columns):
        first = self.count()
        payloads = payload_rows(self._types, columns, len(vectors))
        points = [
            Point(first + row, vector, payload)
            for row, (vector, payload) in enumerate(zip(vectors, payloads))
        ]
        self._shard.update(UpdateOperation.upsert_points(points))

    def finish(self):
        self._shard.optimize()
        self._shard.flush()
        about = self._shard.info()
        if not self._exact and about.indexed_vectors_count < about.points_count:
            rows = f"{about.indexed_vectors_count} of {about.points_count} rows"
            message = f"qdrant-edge put {rows} into its graph; it makes none for less than 1 KB"
            raise EngineError("STORE_FAILED", message)
        return True

    def count(self):
        return self._shard.info().points_count

    def index_bytes(self):
        return None

    def disk_bytes(self):
        return allocated_bytes(self.folder)

    def search_parameters(self, values):
        return self._own_parameters(values), None

    def filtered(self, parameters, asked):
        return parameters[0], edge_filter(asked, self._types)

    def _own_parameters(self, values):
        rest = dict(values)
        if self._exact:
            refuse_rest(rest, "qdrant-edge flat")
            return SearchParams(exact=True)
        exact = take_flag(rest, "exact", False)
        ef = take(rest, "efSearch", None) if "efSearch" in rest else None
        codes = take_codes(rest, self._quantised)
        refuse_rest(rest, "qdrant-edge hnsw")
        return SearchParams(hnsw_ef=ef, exact=exact, quantization=codes)

    def bind(self, queries, k, distances, rows):
        shard = self._shard

        def request(query, parameters):
            params, rule = parameters
            nearest = Query.Nearest(query.tolist())
            return QueryRequest(limit=k, query=nearest, filter=rule, params=params)

        def put(row, points):
            row[: len(points)] = [point.id for point in points]
            row[len(points) :] = -1

        def search(parameters):
            put(rows[0], shard.query(request(queries[0], parameters)))

        def search_batch(parameters):
            batch = QueryBatchRequest([request(query, parameters) for query in queries])
            for row, points in zip(rows, shard.query_batch(batch)):
                put(row, points)

        return search if len(queries) == 1 else search_batch
