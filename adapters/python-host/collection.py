"""One index behind the protocol: ids, phases, and the state that all connections share."""

import contextlib
import ctypes
import json
from time import perf_counter_ns

import numpy

from engines.contract import EngineError

KEPT_PARAMETERS = 4096
# How values are named by the harness; float16 comes as its 16 bits.
ELEMENTS = {
    "f32": numpy.dtype("f4"),
    "f16": numpy.dtype("f2"),
    "u8": numpy.dtype("u1"),
    "i8": numpy.dtype("i1"),
}


def give_back_memory():
    """Hands freed memory that the allocator keeps back to the system, where it can (glibc)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


class Collection:
    """The index of this host; built through one connection, searched through many."""

    def __init__(self, engine):
        self.engine = engine
        self.dimensions = 0
        self.elements = ELEMENTS["f32"]
        self.search_threads = 1
        self.row_ids = None
        self.finished = False
        self._batches = None
        self._ns = {}
        self._parameters = {}

    def create(self, spec):
        """Makes the empty index; the calling thread builds from now on."""
        if self.dimensions:
            raise EngineError("STORE_FAILED", "this host has a collection already")
        if spec.get("payload") and not self.engine.takes_payload:
            raise EngineError("UNSUPPORTED", f"{self.engine.name} stores no payload")
        self.engine.set_threads(spec["buildThreads"])
        made = self.engine.create(spec)
        self.search_threads = spec["searchThreads"]
        self.elements = ELEMENTS[spec.get("elements", "f32")]
        self.dimensions = spec["dimensions"]
        return made

    def rows(self, buffer, offset, end):
        """Rows to store between two places of a buffer, not copied."""
        return self._view(buffer, offset, end, self.elements)

    def vectors(self, buffer, offset, end):
        """Queries, or rows to learn from, between two places of a buffer; float32, not copied."""
        return self._view(buffer, offset, end, ELEMENTS["f32"])

    def _view(self, buffer, offset, end, elements):
        width = elements.itemsize * self.dimensions
        if width == 0:
            raise EngineError("STORE_FAILED", "nothing was created yet")
        if (end - offset) % width != 0:
            raise EngineError(
                "BAD_ARGUMENT",
                f"{end - offset} bytes are no whole rows of {self.dimensions} dimensions",
            )
        count = (end - offset) // elements.itemsize
        flat = numpy.frombuffer(buffer, elements, count, offset)
        return flat.reshape(-1, self.dimensions)

    def train(self, vectors):
        """Lets the engine learn; timed as its own phase."""
        self._timed("train", self.engine.train, vectors)

    def upsert(self, ids, vectors, columns=None):
        """Adds rows under their ids, with the columns of their payload where there is one; only
        the engine's call is timed.
        """
        if len(ids) != len(vectors):
            raise EngineError("BAD_ARGUMENT", f"{len(ids)} ids came with {len(vectors)} rows")
        self.finished = False
        before = self.engine.count()
        if columns is None:
            self._timed("add", self.engine.add, vectors)
        else:
            self._timed("add", self.engine.add_with, vectors, columns)
        expected = numpy.arange(before, before + len(ids), dtype=numpy.int32)
        if self._batches is None and not numpy.array_equal(ids, expected):
            self._batches = [numpy.arange(before, dtype=numpy.int32)]
        if self._batches is not None:
            self._batches.append(ids.copy())

    def finish(self):
        """Makes every row searchable; the phases so far, in seconds of the engine's calls."""
        start = perf_counter_ns()
        if self.engine.finish():
            self._count("index", start)
        if self._batches is not None:
            # Row -1 means that there is none; as an index it is the last place.
            row_ids = numpy.concatenate([*self._batches, [-1]], dtype=numpy.int32, casting="unsafe")
            if len(numpy.unique(row_ids)) != len(row_ids):
                raise EngineError("BAD_DATA", "an id was given to two rows, or is -1")
            self.row_ids = row_ids
            self._batches = [row_ids[:-1]]
        self.finished = True
        # What training left behind is no part of the index, whose memory is measured next.
        give_back_memory()
        return [{"name": name, "s": ns / 1e9} for name, ns in self._ns.items()]

    def parameters(self, text):
        """The engine's form of search parameters and filter given as JSON bytes; parsed once."""
        found = self._parameters.get(text)
        if found is None:
            asked = json.loads(text)
            parameters = self.engine.search_parameters(asked["params"])
            if "filter" in asked:
                parameters = self.engine.filtered(parameters, asked["filter"])
            found = (parameters,)
            if len(self._parameters) >= KEPT_PARAMETERS:
                self._parameters.clear()
            self._parameters[text] = found
        return found[0]

    def _timed(self, phase, work, *arguments):
        start = perf_counter_ns()
        work(*arguments)
        self._count(phase, start)

    def _count(self, phase, start):
        self._ns[phase] = self._ns.get(phase, 0) + perf_counter_ns() - start
