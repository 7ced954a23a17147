"""sqlite-vec: a table vec0 in a file, every row compared; its calls let go of the GIL."""

import os
import threading
from pathlib import Path

import numpy
import sqlite_vec

from .contract import Engine as Contract
from .contract import EngineError
from .disk import allocated_bytes
from .parameters import refuse_rest


def find_sqlite():
    """The module of SQLite that loads extensions: Python's own, else pysqlite3.

    ImportError when there is neither.
    """
    import sqlite3

    if hasattr(sqlite3.Connection, "enable_load_extension"):
        return sqlite3
    try:
        import pysqlite3
    except ImportError as cause:
        message = (
            "the sqlite3 of this Python was built without loadable extensions, "
            "and pysqlite3, which has them, is not installed"
        )
        raise ImportError(message, name="pysqlite3") from cause
    return pysqlite3


sqlite = find_sqlite()

METRICS = ("l2", "cosine")
# What sqlite-vec 0.1 takes.
MOST_K = 4096
MOST_DIMENSIONS = 8192
# How values are kept: the type of the column, and how a value goes there.
ELEMENTS = {"float32": ("float", "?"), "int8": ("int8", "vec_int8(?)")}
PRAGMAS = {
    "pageBytes": "page_size",
    "cacheSize": "cache_size",
    "mmapBytes": "mmap_size",
    "journalMode": "journal_mode",
    "synchronous": "synchronous",
}


def connect(place):
    """A connection that knows the extension."""
    connection = sqlite.connect(place, uri=True)
    connection.enable_load_extension(True)
    connection.load_extension(sqlite_vec.loadable_path())
    connection.enable_load_extension(False)
    return connection


def build_flags():
    """What sqlite-vec says that it was compiled with: `avx`, `neon`, or nothing."""
    (text,) = connect(":memory:").execute("select vec_debug()").fetchone()
    return text.partition("Build flags:")[2].strip()


def as_int8(vectors):
    """The same values as int8; BAD_DATA when one is no whole number of -128..127."""
    if vectors.dtype == numpy.int8:
        return vectors
    with numpy.errstate(invalid="ignore"):
        narrow = vectors.astype(numpy.int8)
    if not numpy.array_equal(narrow, vectors):
        wrong = vectors[narrow != vectors][0]
        message = f"elements int8 takes whole numbers of -128..127, got {wrong}"
        raise EngineError("BAD_DATA", message)
    return narrow


def as_float32(vectors):
    """They are that."""
    return vectors


class Engine(Contract):
    """One table in one file; each thread reads it through a connection of its own."""

    name = "sqlite-vec"

    def __init__(self):
        self._own = threading.local()
        self._writer = None
        self._stored = as_float32
        self._place = ""
        self._value = ""

    def versions(self):
        flags = build_flags()
        settings = {
            "numpy": numpy.__version__,
            "sqlite": sqlite.sqlite_version,
            "sqliteModule": sqlite.__name__,
            "sqliteVecBuildFlags": flags,
        }
        warnings = [] if flags else ["sqlite-vec runs without SIMD (no build flags)"]
        return {"version": sqlite_vec.__version__, "settings": settings, "warnings": warnings}

    def create(self, spec):
        elements = spec["params"].get("elements", "float32")
        if spec["metric"] not in METRICS or spec["family"] != "flat":
            wanted = f"{spec['family']} under {spec['metric']}"
            message = f"sqlite-vec has no {wanted}; it has flat under {', '.join(METRICS)}"
            raise EngineError("BAD_ARGUMENT", message)
        kind, self._value = ELEMENTS[elements]
        self._stored = as_int8 if elements == "int8" else as_float32
        os.makedirs(self.folder)
        file = Path(self.folder, "vectors.db")
        self._writer = connect(file.as_uri())
        self._place = f"{file.as_uri()}?mode=ro"
        column = f"{kind}[{spec['dimensions']}] distance_metric={spec['metric']}"
        self._writer.execute(f"create virtual table vectors using vec0(embedding {column})")
        pragmas = {
            name: self._writer.execute(f"pragma {pragma}").fetchone()[0]
            for name, pragma in PRAGMAS.items()
        }
        return {"trained": True, "settings": pragmas}

    def add(self, vectors):
        rows = enumerate(self._stored(vectors), self.count())
        with self._writer:
            insert = f"insert into vectors(rowid, embedding) values (?, {self._value})"
            self._writer.executemany(insert, rows)

    def count(self):
        # The shadow table of vec0 that has a row for each; counting in vec0 itself reads much more.
        return self._writer.execute("select count(*) from vectors_rowids").fetchone()[0]

    def index_bytes(self):
        return None

    def disk_bytes(self):
        return allocated_bytes(self.folder)

    def search_parameters(self, values):
        refuse_rest(values, "sqlite-vec flat")

    def bind(self, queries, k, distances, rows):
        if k > MOST_K:
            raise EngineError("BAD_ARGUMENT", f"sqlite-vec finds 1..{MOST_K} rows, k is {k}")
        execute, stored = self._reader().execute, self._stored
        text = (
            f"select rowid from vectors where embedding match {self._value} and k = ? "
            "order by distance"
        )

        def search(parameters):
            for row, query in zip(rows, stored(queries)):
                found = execute(text, (query, k)).fetchall()
                row[: len(found)] = [rowid for (rowid,) in found]
                row[len(found) :] = -1

        return search

    def _reader(self):
        if not hasattr(self._own, "connection"):
            self._own.connection = connect(self._place)
        return self._own.connection
