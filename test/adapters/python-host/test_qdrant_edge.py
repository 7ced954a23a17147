"""Qdrant's engine behind the collection; numpy's brute force says what is right."""

import os
import unittest

import numpy
from scene import ASKED, BASE, DIMENSIONS, ROWS, build, exact, found, need, recall

need("qdrant_edge", "qdrant-edge")

from engines.contract import EngineError  # noqa: E402
from engines.qdrant_edge_engine import Engine  # noqa: E402

METRICS = ("l2", "ip", "cosine")


def graph(params=None, metric="l2", **more):
    """A finished graph over the base rows."""
    return build(Engine(), "hnsw", params, metric, **more)


class Answers(unittest.TestCase):
    def test_flat_gives_the_true_neighbours_nearest_first_in_every_metric(self):
        for metric in METRICS:
            with self.subTest(metric):
                ids = found(build(Engine(), "flat", {}, metric), ASKED)
                numpy.testing.assert_array_equal(ids, exact(BASE, ASKED, metric))

    def test_a_wide_search_of_the_graph_finds_nearly_all_in_every_metric(self):
        for metric in METRICS:
            with self.subTest(metric):
                ids = found(graph(metric=metric), ASKED, {"efSearch": 200})
                self.assertGreater(recall(exact(BASE, ASKED, metric), ids), 0.95)

    def test_the_graph_is_used_unless_every_row_is_to_be_compared(self):
        thin, truth = graph({"M": 2, "efConstruction": 4}), exact(BASE, ASKED, "l2")
        self.assertLess(recall(truth, found(thin, ASKED, {"efSearch": 10})), 0.9)
        ids = found(thin, ASKED, {"efSearch": 10, "exact": True})
        numpy.testing.assert_array_equal(ids, truth)

    def test_one_query_and_a_batch_are_answered_alike(self):
        collection = graph()
        batch = found(collection, ASKED, {"efSearch": 50})
        single = [found(collection, ASKED[at : at + 1], {"efSearch": 50})[0] for at in range(5)]
        numpy.testing.assert_array_equal(batch[:5], single)

    def test_ids_come_back_as_given_and_k_above_the_rows_is_filled_up(self):
        ids = numpy.arange(5, dtype="i4") * 3 + 7
        answers = found(build(Engine(), "flat", {}, base=BASE[:5], ids=ids), BASE[:2], k=7)
        self.assertEqual(answers[:, 0].tolist(), [7, 10])
        self.assertEqual(sorted(answers[0, :5]), ids.tolist())
        self.assertEqual(answers[0, 5:].tolist(), [-1, -1])


class Codes(unittest.TestCase):
    """Codes lose neighbours; ranked anew from enough candidates they lose few."""

    def test_codes_lose_neighbours_which_oversampling_and_rescoring_bring_back(self):
        truth = exact(BASE, ASKED, "l2")
        kinds = [
            {"quantization": "scalar", "quantile": 0.9},
            {"quantization": "product", "compression": 16},
            {"quantization": "binary"},
        ]
        for params in kinds:
            with self.subTest(**params):
                collection = graph(params)
                search = {"efSearch": 200, "rescore": False}
                plain = recall(truth, found(collection, ASKED, search))
                search = {"efSearch": 400, "rescore": True, "oversampling": 20}
                anew = recall(truth, found(collection, ASKED, search))
                self.assertLess(plain, 0.97)
                self.assertGreater(anew, plain + 0.02)

    def test_binary_codes_of_values_of_one_sign_find_nothing(self):
        base, asked = numpy.abs(BASE), numpy.abs(ASKED)
        ids = found(graph({"quantization": "binary"}, base=base), asked, {"efSearch": 100})
        self.assertLess(recall(exact(base, asked, "l2"), ids), 0.1)


class Datatypes(unittest.TestCase):
    def test_float16_loses_nearly_nothing(self):
        ids = found(graph({"datatype": "float16"}), ASKED, {"efSearch": 200})
        self.assertGreater(recall(exact(BASE, ASKED, "l2"), ids), 0.95)

    def test_uint8_keeps_whole_numbers_up_to_255_and_ruins_others(self):
        params, search = {"datatype": "uint8"}, {"efSearch": 200}
        base, asked = (numpy.rint(rows * 20 + 128).clip(0, 255) for rows in (BASE, ASKED))
        for scale, least, most in ((1, 0.9, 1), (0.01, 0, 0.3)):
            with self.subTest(scale):
                ids = found(graph(params, base=base * scale), asked * scale, search)
                got = recall(exact(base, asked, "l2"), ids)
                self.assertTrue(least <= got <= most, got)


class Build(unittest.TestCase):
    def test_the_parameters_reach_the_shard(self):
        params = {"M": 9, "efConstruction": 33, "quantization": "product", "compression": 8}
        engine = graph(params, threads=2).engine
        with open(os.path.join(engine.folder, "edge_config.json"), encoding="utf-8") as file:
            text = file.read()
        for said in ('"m":9', '"ef_construct":33', '"compression":"x8"', '"size":16'):
            self.assertIn(said, text)
        self.assertIn('"max_indexing_threads":2', text)

    def test_rows_too_few_for_a_graph_are_not_passed_off_as_one(self):
        with self.assertRaisesRegex(EngineError, "put 0 of 5 rows into its graph"):
            graph(base=BASE[:5])

    def test_the_disk_holds_more_than_the_vectors_and_memory_is_not_guessed(self):
        engine = graph().engine
        self.assertGreater(engine.disk_bytes(), 4 * ROWS * DIMENSIONS)
        self.assertIsNone(engine.index_bytes())


class Filters(unittest.TestCase):
    """What every kind of filter finds is tested with the adapter, in test/adapters."""

    FIELDS = [
        {"name": "colour", "type": "category", "indexed": True},
        {"name": "size", "type": "float", "indexed": False},
    ]
    COLUMNS = {
        "colour": [("red", "green", None)[row % 3] for row in range(ROWS)],
        "size": [row % 4 for row in range(ROWS)],
    }

    def build(self, family="flat"):
        return build(Engine(), family, payload=self.FIELDS, columns=self.COLUMNS)

    def test_only_indexed_columns_have_an_index(self):
        engine = self.build().engine
        self.assertEqual(list(engine._shard.info().payload_schema), ["colour"])

    def test_whole_numbers_of_a_float_column_are_kept_as_floats(self):
        ids = found(self.build(), ASKED, asked_filter={"field": "size", "equals": 2})
        self.assertEqual(set((ids % 4).flat), {2})

    def test_the_graph_finds_nearly_all_that_meet_a_filter(self):
        ids = found(
            self.build("hnsw"),
            ASKED,
            {"efSearch": 200},
            asked_filter={"field": "colour", "equals": "green"},
        )
        rows = numpy.arange(1, ROWS, 3)
        self.assertGreater(recall(rows[exact(BASE[rows], ASKED, "l2")], ids), 0.95)

    def test_one_filter_after_another_does_not_stay(self):
        collection = self.build()
        before = found(collection, ASKED)
        found(collection, ASKED, asked_filter={"field": "colour", "equals": "red"})
        numpy.testing.assert_array_equal(found(collection, ASKED), before)

    def test_a_filter_by_what_is_not_stored_is_refused(self):
        with self.assertRaisesRegex(EngineError, "no payload shape is stored"):
            found(self.build(), ASKED, asked_filter={"field": "shape", "equals": "round"})


class Mistakes(unittest.TestCase):
    def refused(self, collection, search):
        with self.assertRaises(EngineError) as caught:
            found(collection, ASKED, search)
        self.assertEqual(caught.exception.code, "BAD_ARGUMENT")
        return str(caught.exception)

    def test_search_parameters_that_it_lacks_or_that_are_out_of_range_are_named(self):
        flat, binary = build(Engine(), "flat"), graph({"quantization": "binary"})
        for collection, search, said in (
            (flat, {"efSearch": 4}, "flat has no search parameter efSearch"),
            (binary, {"nprobe": 4}, "hnsw has no search parameter nprobe"),
            (binary, {"efSearch": 0}, "at least 1, got 0"),
            (binary, {"exact": 1}, "exact must be true or false, got 1"),
            (binary, {"oversampling": 0.5}, "at least 1, got 0.5"),
            (binary, {"rescore": 1}, "rescore must be true or false, got 1"),
        ):
            self.assertIn(said, self.refused(collection, search))

    def test_what_needs_codes_is_refused_without_them(self):
        search = {"rescore": True, "oversampling": 2}
        said = self.refused(graph({"quantization": "none"}), search)
        self.assertEqual(said, "rescore and oversampling must be left out without quantization")

    def test_another_family_or_metric_is_refused(self):
        for family, metric in (("ivf", "l2"), ("flat", "l1")):
            with self.assertRaisesRegex(EngineError, f"no {family} under {metric}"):
                build(Engine(), family, {}, metric)


if __name__ == "__main__":
    unittest.main()
