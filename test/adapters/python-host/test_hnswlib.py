"""hnswlib behind the collection; numpy's brute force says what is right."""

import threading
import unittest

import numpy
from scene import ASKED, BASE, DIMENSIONS, ROWS, build, exact, found, need, recall

need("hnswlib", "hnswlib")

from engines.contract import EngineError  # noqa: E402
from engines.hnswlib_engine import Engine  # noqa: E402

GRAPH = {"M": 16, "efConstruction": 100}


def graph(params=None, metric="l2", **more):
    """A finished graph over the base rows."""
    return build(Engine(), "hnsw", GRAPH if params is None else params, metric, **more)


class Answers(unittest.TestCase):
    def test_a_wide_search_finds_nearly_all_neighbours_in_every_metric(self):
        for metric in ("l2", "ip", "cosine"):
            with self.subTest(metric):
                ids = found(graph(metric=metric), ASKED, {"efSearch": 200})
                self.assertGreater(recall(exact(BASE, ASKED, metric), ids), 0.97)

    def test_a_wider_search_finds_more(self):
        thin, truth = graph({"M": 2, "efConstruction": 10}), exact(BASE, ASKED, "l2")
        narrow, wide = (recall(truth, found(thin, ASKED, {"efSearch": ef})) for ef in (10, 400))
        self.assertGreater(wide, narrow + 0.1)

    def test_ids_come_back_as_they_were_given(self):
        ids = numpy.arange(ROWS, dtype="i4") * 3 + 7
        answers = found(graph(ids=ids), BASE[:50], {"efSearch": 100})
        self.assertEqual(answers[:, 0].tolist(), ids[:50].tolist())

    def test_k_above_the_rows_is_filled_up_with_minus_one(self):
        answers = found(graph(base=BASE[:5]), ASKED[:2], k=7)
        self.assertEqual(sorted(answers[0, :5]), [0, 1, 2, 3, 4])
        self.assertEqual(answers[:, 5:].tolist(), [[-1, -1], [-1, -1]])

    def test_rows_that_the_graph_does_not_reach_are_an_error_that_names_the_search(self):
        thin = graph({"M": 2, "efConstruction": 1})
        with self.assertRaisesRegex(EngineError, "searching 1500 rows with efSearch 10: Cannot"):
            found(thin, ASKED, k=ROWS)


class Build(unittest.TestCase):
    def test_the_parameters_reach_the_index(self):
        index = graph({"M": 7, "efConstruction": 33}).engine._index
        self.assertEqual((index.M, index.ef_construction, index.max_elements), (7, 33, ROWS))

    def test_what_is_not_said_is_what_the_library_does(self):
        import hnswlib

        own = hnswlib.Index("l2", DIMENSIONS)
        own.init_index(ROWS)
        ours = graph({})
        index = ours.engine._index
        self.assertEqual((index.M, index.ef_construction), (own.M, own.ef_construction))
        self.assertEqual(ours.parameters(b'{"params":{}}'), own.ef)

    def test_the_same_seed_gives_the_same_graph_and_another_another(self):
        first, same, other = (
            found(graph({"M": 2, "efConstruction": 10}, seed=seed), ASKED) for seed in (5, 5, 6)
        )
        numpy.testing.assert_array_equal(first, same)
        self.assertFalse(numpy.array_equal(first, other))

    def test_more_rows_than_were_announced_are_refused(self):
        with self.assertRaisesRegex(RuntimeError, "exceeds the specified limit"):
            graph().upsert(numpy.arange(ROWS, ROWS + 1, dtype="i4"), BASE[:1])

    def test_two_threads_build_and_search_as_well_as_one(self):
        ids = found(graph(threads=2), ASKED, {"efSearch": 200})
        self.assertGreater(recall(exact(BASE, ASKED, "l2"), ids), 0.97)

    def test_the_bytes_are_those_of_the_stored_index(self):
        raw = 4 * ROWS * DIMENSIONS
        count = graph().engine.index_bytes()
        # The vectors, 2 M neighbours and a count of 4 bytes each, a label of 8, and upper levels.
        self.assertGreater(count, raw + ROWS * (33 * 4 + 8))
        self.assertLess(count, 1.1 * (raw + ROWS * (33 * 4 + 8)))


class Mistakes(unittest.TestCase):
    def test_parameters_that_it_lacks_or_that_are_out_of_range_are_named(self):
        collection = graph()
        for search, said in (({"nprobe": 4}, "nprobe"), ({"efSearch": 0}, "at least 1, got 0")):
            with self.assertRaisesRegex(EngineError, said):
                found(collection, ASKED, search)

    def test_another_family_or_metric_is_refused(self):
        for family, metric in (("flat", "l2"), ("hnsw", "l1")):
            with self.assertRaisesRegex(EngineError, f"no {family} under {metric}"):
                build(Engine(), family, {}, metric)


class SearchesAtOnce(unittest.TestCase):
    def test_searches_of_different_widths_at_once_answer_as_each_does_alone(self):
        thin = graph({"M": 2, "efConstruction": 10})
        widths = (10, 40, 400)
        alone = {ef: found(thin, ASKED, {"efSearch": ef}) for ef in widths}
        self.assertFalse(numpy.array_equal(alone[10], alone[400]))
        wrong = []

        def ask(ef):
            for _ in range(60):
                if not numpy.array_equal(found(thin, ASKED, {"efSearch": ef}), alone[ef]):
                    wrong.append(ef)

        threads = [threading.Thread(target=ask, args=(ef,)) for ef in widths * 2]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    unittest.main()
