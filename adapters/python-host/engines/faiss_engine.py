"""FAISS: any index_factory string, with search parameters that travel with each call."""

import os

import faiss
import numpy

from .contract import Engine as Contract
from .contract import EngineError
from .parameters import take

METRICS = {"l2": faiss.METRIC_L2, "ip": faiss.METRIC_INNER_PRODUCT}
REFINEMENTS = {None: "", "flat": ",RFlat", "sq8": ",Refine(SQ8)"}


def factory_string(family, params):
    """The index_factory string of a family; PQ without the slow polysemous training (`np`)."""
    if family == "factory":
        return params["factory"]
    ivf = f"IVF{params.get('nlist')}"
    graph = f"HNSW{params.get('M')}"
    codes = f"PQ{params.get('m')}x{params.get('nbits', 8)}np"
    scalar = f"SQ{params.get('bits', 8)}"
    families = {
        "flat": "Flat",
        "ivf-flat": f"{ivf},Flat",
        "pq": codes,
        "ivf-pq": f"{ivf},{codes}",
        "ivf-sq": f"{ivf},{scalar}",
        "hnsw": graph,
        "hnsw-sq": f"{graph},{scalar}",
    }
    if family not in families:
        known = ", ".join([*families, "factory"])
        raise EngineError("BAD_ARGUMENT", f"faiss has no family {family}; it has {known}")
    return families[family] + REFINEMENTS[params.get("refine")]


def simd_warnings(level):
    """What to say about a library that runs without SIMD."""
    slow = level in ("NONE", "GENERIC", "SCALAR")
    return [f"faiss runs without SIMD (level {level})"] if slow else []


def layers(index):
    """The index and those that it wraps, outermost first, each as what it really is."""
    index = faiss.downcast_index(index)
    found = [index]
    if isinstance(index, faiss.IndexRefine):
        found += layers(index.base_index)
    elif isinstance(index, (faiss.IndexPreTransform, faiss.IndexIDMap)):
        found += layers(index.index)
    elif isinstance(index, faiss.IndexIVF):
        found += layers(index.quantizer)
    return found


def apply_seed(layer, seed):
    """Makes what is random in one layer follow from the seed."""
    if isinstance(layer, faiss.IndexIVF):
        layer.cp.seed = seed
    if hasattr(layer, "pq"):
        layer.pq.cp.seed = seed
    if isinstance(layer, faiss.IndexHNSW):
        layer.hnsw.rng = faiss.RandomGenerator(seed)


def take_refine(index, values):
    """The parameters of an index that ranks anew what the one below it found."""
    factor = float(values.pop("kFactor", 1))
    if not factor >= 1:
        raise EngineError("BAD_ARGUMENT", f"kFactor must be at least 1, got {factor}")
    below = take_parameters(index.base_index, values)
    return faiss.IndexRefineSearchParameters(k_factor=factor, base_index_params=below)


def take_ivf(index, values):
    """The parameters of inverted lists, and of a graph that finds the lists."""
    nprobe = take(values, "nprobe", 1, index.nlist)
    coarse = take_parameters(index.quantizer, values)
    return faiss.SearchParametersIVF(nprobe=nprobe, quantizer_params=coarse)


def take_parameters(index, values):
    """The search parameters of an index; removes from `values` what it used."""
    index = faiss.downcast_index(index)
    if isinstance(index, faiss.IndexRefine):
        return take_refine(index, values)
    if isinstance(index, faiss.IndexPreTransform):
        below = take_parameters(index.index, values)
        return below and faiss.SearchParametersPreTransform(index_params=below)
    if isinstance(index, faiss.IndexIDMap):
        return take_parameters(index.index, values)
    if isinstance(index, faiss.IndexIVF):
        return take_ivf(index, values)
    if isinstance(index, faiss.IndexHNSW):
        return faiss.SearchParametersHNSW(efSearch=take(values, "efSearch", 16))
    return None


class Engine(Contract):
    """One FAISS index."""

    name = "faiss"

    def __init__(self):
        self._index = None

    def versions(self):
        level = faiss.SIMDConfig.get_level_name()
        return {
            "version": faiss.__version__,
            "settings": {
                "faissSimdLevel": level,
                "faissCompileOptions": faiss.get_compile_options().strip(),
                "numpy": numpy.__version__,
                "ompNumThreads": os.environ.get("OMP_NUM_THREADS", ""),
            },
            "warnings": simd_warnings(level),
        }

    def create(self, spec):
        if spec["metric"] not in METRICS:
            message = f"faiss has no metric {spec['metric']}; it has {', '.join(METRICS)}"
            raise EngineError("BAD_ARGUMENT", message)
        factory = factory_string(spec["family"], spec["params"])
        try:
            index = faiss.index_factory(spec["dimensions"], factory, METRICS[spec["metric"]])
        except RuntimeError as cause:
            where = f"'{factory}' for {spec['dimensions']} dimensions"
            message = f"index_factory refuses {where}: {cause}"
            raise EngineError("BAD_ARGUMENT", message) from cause
        for layer in layers(index):
            apply_seed(layer, spec["seed"])
            if isinstance(layer, faiss.IndexHNSW) and "efConstruction" in spec["params"]:
                layer.hnsw.efConstruction = spec["params"]["efConstruction"]
        self._index = index
        return {"trained": index.is_trained, "settings": {"faissFactory": factory}}

    def set_threads(self, count):
        faiss.omp_set_num_threads(count)

    def train(self, vectors):
        self._index.train(vectors)

    def add(self, vectors):
        if not self._index.is_trained:
            raise EngineError("STORE_FAILED", "rows came before the index was trained")
        self._index.add(vectors)

    def count(self):
        return self._index.ntotal

    def index_bytes(self):
        written = 0

        def count_only(block):
            nonlocal written
            written += len(block)
            return len(block)

        faiss.write_index(self._index, faiss.PyCallbackIOWriter(count_only))
        return written

    def search_parameters(self, values):
        rest = dict(values)
        parameters = take_parameters(self._index, rest)
        if rest.get("kFactor") == 1:
            del rest["kFactor"]
        if rest:
            names = ", ".join(rest)
            kind = type(faiss.downcast_index(self._index)).__name__
            raise EngineError("BAD_ARGUMENT", f"{kind} has no search parameter {names}")
        return parameters

    def bind(self, queries, k, distances, rows):
        buffers = (queries, distances, rows)
        asked, near, found = map(faiss.swig_ptr, buffers)
        search_c, count = self._index.search_c, len(queries)

        def search(parameters, buffers=buffers):
            # What `index.search` does after its checks, which were made once; the default
            # argument keeps the buffers alive as long as their addresses are used.
            search_c(count, asked, k, near, found, parameters)

        return search
