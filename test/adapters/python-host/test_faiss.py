"""FAISS behind the collection, without a socket; numpy's brute force says what is right."""

import json
import threading
import unittest

import faiss
import numpy
import paths  # noqa: F401

from collection import Collection
from engines.contract import EngineError
from engines.faiss_engine import Engine, factory_string, simd_warnings

ROWS, DIMENSIONS, QUERIES, K = 2000, 32, 50, 10


def clustered(rows, seed):
    """Rows around 40 centres, as embeddings are: normal numbers alone have no neighbourhoods."""
    random = numpy.random.default_rng(seed)
    centres = numpy.random.default_rng(7).normal(size=(40, DIMENSIONS))
    near = centres[random.integers(0, 40, rows)] + 0.5 * random.normal(size=(rows, DIMENSIONS))
    return near.astype("f4")


BASE, ASKED = clustered(ROWS, 1), clustered(QUERIES, 2)


def exact(base, asked, metric):
    """Row numbers of the k nearest by float64."""
    products = asked.astype("f8") @ base.astype("f8").T
    if metric == "ip":
        return numpy.argsort(-products, axis=1, kind="stable")[:, :K]
    distances = (base.astype("f8") ** 2).sum(1) - 2 * products
    return numpy.argsort(distances, axis=1, kind="stable")[:, :K]


def build(family, params, metric="l2", ids=None, base=BASE, seed=1):
    """A finished collection over the base rows."""
    collection = Collection(Engine())
    spec = {"dimensions": base.shape[1], "metric": metric, "family": family, "params": params}
    made = collection.create({**spec, "buildThreads": 1, "searchThreads": 1, "seed": seed})
    if not made["trained"]:
        collection.train(base)
    ids = numpy.arange(len(base), dtype="i4") if ids is None else ids
    for at in range(0, len(base), 1000):
        collection.upsert(ids[at : at + 1000], base[at : at + 1000])
    collection.finish()
    return collection


def found(collection, asked, search):
    """Ids of the k nearest as the index has them."""
    parameters = collection.parameters(json.dumps({"params": search}).encode())
    distances = numpy.empty((len(asked), K), "f4")
    rows = numpy.empty((len(asked), K), "i8")
    collection.engine.bind(asked, K, distances, rows)(parameters)
    return rows if collection.row_ids is None else collection.row_ids[rows]


def recall(truth, ids):
    """Share of the true k that were found."""
    return numpy.mean([len(set(a) & set(b)) / K for a, b in zip(truth, ids)])


# Family, build and search parameters, and the recall that a sane build of this data reaches.
FAMILIES = [
    ("flat", {}, {}, 1.0),
    ("ivf-flat", {"nlist": 16}, {"nprobe": 16}, 1.0),
    ("ivf-flat", {"nlist": 16}, {"nprobe": 4}, 0.6),
    ("pq", {"m": 8, "nbits": 6}, {}, 0.2),
    ("pq", {"m": 8, "nbits": 6, "refine": "flat"}, {"kFactor": 20}, 0.8),
    ("ivf-pq", {"nlist": 16, "m": 16, "nbits": 6}, {"nprobe": 16}, 0.3),
    (
        "ivf-pq",
        {"nlist": 16, "m": 16, "nbits": 6, "refine": "sq8"},
        {"nprobe": 16, "kFactor": 8},
        0.9,
    ),
    ("ivf-sq", {"nlist": 16, "bits": 8}, {"nprobe": 16}, 0.9),
    ("ivf-sq", {"nlist": 16, "bits": 6}, {"nprobe": 16}, 0.8),
    ("ivf-sq", {"nlist": 16, "bits": 4, "refine": "flat"}, {"nprobe": 16, "kFactor": 4}, 0.95),
    ("hnsw", {"M": 16, "efConstruction": 40}, {"efSearch": 64}, 0.9),
    ("hnsw-sq", {"M": 16, "bits": 8}, {"efSearch": 64}, 0.85),
    ("hnsw-sq", {"M": 16, "refine": "flat"}, {"efSearch": 64, "kFactor": 2}, 0.9),
    ("factory", {"factory": "PCA16,IVF8,Flat"}, {"nprobe": 8}, 0.3),
    ("factory", {"factory": "IVF16_HNSW8,SQ8"}, {"nprobe": 16, "efSearch": 32}, 0.8),
]


class Families(unittest.TestCase):
    def test_every_family_builds_and_finds_neighbours_in_both_metrics(self):
        for metric in ("l2", "ip"):
            truth = exact(BASE, ASKED, metric)
            for family, params, search, least in FAMILIES:
                with self.subTest(family=family, metric=metric, **params):
                    ids = found(build(family, params, metric), ASKED, search)
                    self.assertGreaterEqual(recall(truth, ids), least)

    def test_pq_is_trained_without_polysemous_codes(self):
        self.assertEqual(factory_string("ivf-pq", {"nlist": 128, "m": 48}), "IVF128,PQ48x8np")
        index = faiss.downcast_index(build("pq", {"m": 8, "nbits": 4}).engine._index)
        self.assertFalse(index.do_polysemous_training)

    def test_refine_adds_the_store_that_ranks_anew(self):
        self.assertEqual(factory_string("pq", {"m": 4, "refine": "flat"}), "PQ4x8np,RFlat")

    def test_the_same_seed_gives_the_same_answers(self):
        first, second = (
            build("ivf-pq", {"nlist": 16, "m": 8, "nbits": 6}) for _ in range(2)
        )
        search = {"nprobe": 4}
        numpy.testing.assert_array_equal(found(first, ASKED, search), found(second, ASKED, search))

    def test_ef_construction_reaches_the_graph_below_refine(self):
        engine = build("hnsw-sq", {"M": 8, "efConstruction": 77, "refine": "flat"}).engine
        graph = faiss.downcast_index(engine._index.base_index)
        self.assertEqual(graph.hnsw.efConstruction, 77)

    def test_footprint_of_flat_is_its_vectors_and_a_header(self):
        self.assertLess(build("flat", {}).engine.index_bytes() - 4 * ROWS * DIMENSIONS, 200)


class Ids(unittest.TestCase):
    def test_ids_that_are_row_numbers_need_no_map(self):
        self.assertIsNone(build("flat", {}).row_ids)

    def test_other_ids_come_back_and_missing_rows_stay_minus_one(self):
        ids = numpy.arange(ROWS, dtype="i4") * 3 + 5
        collection = build("ivf-flat", {"nlist": 400}, ids=ids)
        answers = found(collection, BASE[:100], {"nprobe": 1})
        self.assertEqual(answers[:, 0].tolist(), ids[:100].tolist())
        rows = numpy.where(answers == -1, 5, answers)
        self.assertTrue(((rows - 5) % 3 == 0).all())
        self.assertIn(-1, answers)

    def test_ids_that_stop_being_row_numbers_halfway_are_mapped_from_the_start(self):
        ids = numpy.concatenate([numpy.arange(1000), numpy.arange(5000, 6000)]).astype("i4")
        answers = found(build("flat", {}, ids=ids), BASE, {})
        self.assertEqual(answers[:, 0].tolist(), ids.tolist())

    def test_an_id_given_twice_is_refused(self):
        ids = numpy.arange(ROWS, dtype="i4")
        ids[1999] = 3
        with self.assertRaisesRegex(EngineError, "two rows"):
            build("flat", {}, ids=ids)


class Mistakes(unittest.TestCase):
    def refused(self, family, params, search):
        with self.assertRaises(EngineError) as caught:
            found(build(family, params), ASKED, search)
        self.assertEqual(caught.exception.code, "BAD_ARGUMENT")
        return str(caught.exception)

    def test_search_parameters_out_of_range_are_named(self):
        ivf = {"nlist": 16}
        self.assertIn("nprobe must be a whole number, 1..16, got 17",
                      self.refused("ivf-flat", ivf, {"nprobe": 17}))
        self.assertIn("got 0", self.refused("ivf-flat", ivf, {"nprobe": 0}))
        self.assertIn("got 2.5", self.refused("ivf-flat", ivf, {"nprobe": 2.5}))
        self.assertIn("kFactor must be at least 1",
                      self.refused("pq", {"m": 4, "nbits": 4, "refine": "flat"}, {"kFactor": 0.5}))

    def test_search_parameters_that_the_index_lacks_are_named(self):
        self.assertIn("has no search parameter nprobe, efSearch",
                      self.refused("flat", {}, {"nprobe": 4, "efSearch": 5}))
        self.assertIn("kFactor", self.refused("ivf-flat", {"nlist": 4}, {"kFactor": 4}))

    def test_k_factor_of_one_is_what_an_index_without_refine_does(self):
        self.assertEqual(found(build("flat", {}), ASKED, {"kFactor": 1}).shape, (QUERIES, K))

    def test_a_factory_string_that_faiss_refuses_is_told(self):
        self.assertIn("'Nonsense7'", self.refused("factory", {"factory": "Nonsense7"}, {}))

    def test_an_unknown_family_is_told_with_the_known_ones(self):
        self.assertIn("ivf-pq", self.refused("ivf-qp", {}, {}))

    def test_no_simd_is_a_warning(self):
        self.assertEqual(simd_warnings("AVX2"), [])
        self.assertEqual(simd_warnings("NONE"), ["faiss runs without SIMD (level NONE)"])


class Threads(unittest.TestCase):
    def test_each_thread_has_its_own_number(self):
        engine, seen = Engine(), []
        engine.set_threads(2)

        def other():
            engine.set_threads(1)
            seen.append(faiss.omp_get_max_threads())

        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        self.assertEqual((seen, faiss.omp_get_max_threads()), ([1], 2))


if __name__ == "__main__":
    unittest.main()
