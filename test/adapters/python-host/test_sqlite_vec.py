"""sqlite-vec behind the collection; numpy's brute force says what is right."""

import sqlite3
import sys
import threading
import unittest
from unittest import mock

import numpy
from scene import ASKED, BASE, DIMENSIONS, ROWS, build, exact, found, need

need("sqlite_vec", "sqlite-vec")
if not hasattr(sqlite3.Connection, "enable_load_extension"):
    need("pysqlite3", "sqlite-vec")

from engines.contract import EngineError  # noqa: E402
from engines.sqlite_vec_engine import Engine, find_sqlite  # noqa: E402


def table(params=None, metric="l2", **more):
    """A finished table of the base rows."""
    return build(Engine(), "flat", params, metric, **more)


class Answers(unittest.TestCase):
    def test_the_true_neighbours_come_nearest_first_in_both_metrics(self):
        for metric in ("l2", "cosine"):
            with self.subTest(metric):
                ids = found(table(metric=metric), ASKED)
                numpy.testing.assert_array_equal(ids, exact(BASE, ASKED, metric))

    def test_ids_come_back_as_given_and_k_above_the_rows_is_filled_up(self):
        ids = numpy.arange(5, dtype="i4") * 3 + 7
        answers = found(table(base=BASE[:5], ids=ids), BASE[:2], k=7)
        self.assertEqual(answers[:, 0].tolist(), [7, 10])
        self.assertEqual(sorted(answers[0, :5]), ids.tolist())
        self.assertEqual(answers[0, 5:].tolist(), [-1, -1])

    def test_threads_read_at_once_each_through_its_own_connection(self):
        collection, truth = table(), exact(BASE, ASKED, "l2")
        wrong = []

        def ask():
            for _ in range(5):
                if not numpy.array_equal(found(collection, ASKED), truth):
                    wrong.append(threading.current_thread())

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])


class Elements(unittest.TestCase):
    def test_whole_numbers_are_kept_as_int8_in_less_room_with_the_same_answers(self):
        base, asked = numpy.rint(BASE * 20), numpy.rint(ASKED * 20)
        wide, narrow = (table({"elements": kind}, base=base) for kind in ("float32", "int8"))
        # Whole numbers tie; their distances do not differ.
        for query, one, other in zip(asked, found(wide, asked), found(narrow, asked)):
            near = [((base[ids] - query) ** 2).sum(1).tolist() for ids in (one, other)]
            self.assertEqual(near[0], near[1])
        self.assertLess(narrow.engine.disk_bytes(), 0.6 * wide.engine.disk_bytes())

    def test_rows_that_come_as_int8_are_stored_as_they_are(self):
        base = numpy.rint(BASE * 20)
        wide, narrow = (
            table({"elements": "int8"}, base=rows, elements=kind)
            for rows, kind in ((base, "f32"), (base.astype("i1"), "i8"))
        )
        asked = numpy.rint(ASKED * 20)
        numpy.testing.assert_array_equal(found(narrow, asked), found(wide, asked))

    def test_values_that_int8_cannot_keep_are_refused_in_rows_and_queries(self):
        for value in (0.5, 128, -129, 300):
            base = numpy.zeros((3, DIMENSIONS), "f4")
            with self.subTest(value):
                collection = table({"elements": "int8"}, base=base)
                asked = numpy.full((1, DIMENSIONS), value, "f4")
                for refused in (
                    lambda: found(collection, asked),
                    lambda: table({"elements": "int8"}, base=asked),
                ):
                    with self.assertRaisesRegex(EngineError, f"-128..127, got {value}") as caught:
                        refused()
                    self.assertEqual(caught.exception.code, "BAD_DATA")


class Limits(unittest.TestCase):
    def test_k_above_4096_is_refused_with_the_limit(self):
        collection = table()
        self.assertEqual(found(collection, ASKED[:1], k=4096).shape, (1, 4096))
        with self.assertRaisesRegex(EngineError, r"finds 1\.\.4096 rows, k is 4097") as caught:
            found(collection, ASKED[:1], k=4097)
        self.assertEqual(caught.exception.code, "BAD_ARGUMENT")

    def test_what_it_does_not_have_is_refused(self):
        with self.assertRaisesRegex(EngineError, "no flat under ip; it has flat under l2, cosine"):
            table(metric="ip")
        with self.assertRaisesRegex(EngineError, "no search parameter nprobe"):
            found(table(), ASKED, {"nprobe": 1})

    def test_the_disk_holds_the_vectors_and_little_more(self):
        raw, count = 4 * ROWS * DIMENSIONS, table().engine.disk_bytes()
        self.assertGreater(count, raw)
        # A chunk has room for 1024 rows.
        self.assertLess(count, 2 * raw + 200_000)


class Module(unittest.TestCase):
    def test_a_python_without_extensions_uses_pysqlite3(self):
        other = mock.Mock()
        with (
            mock.patch.object(sqlite3, "Connection", object),
            mock.patch.dict(sys.modules, {"pysqlite3": other}),
        ):
            self.assertIs(find_sqlite(), other)

    def test_a_python_without_extensions_and_pysqlite3_says_what_is_wrong(self):
        with (
            mock.patch.object(sqlite3, "Connection", object),
            mock.patch.dict(sys.modules, {"pysqlite3": None}),
            self.assertRaisesRegex(ImportError, "without loadable extensions") as caught,
        ):
            find_sqlite()
        self.assertEqual(caught.exception.name, "pysqlite3")

    def test_pythons_own_module_is_used_where_it_loads_extensions(self):
        able = type("Connection", (), {"enable_load_extension": None})
        with mock.patch.object(sqlite3, "Connection", able):
            self.assertIs(find_sqlite(), sqlite3)

    def test_a_build_without_simd_is_a_warning(self):
        about = Engine().versions()
        flags = about["settings"]["sqliteVecBuildFlags"]
        self.assertEqual(bool(about["warnings"]), flags == "")


if __name__ == "__main__":
    unittest.main()
