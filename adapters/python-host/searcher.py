"""The hot path: one connection's searches, with buffers that are made once and used again."""

from time import perf_counter_ns

import numpy

from engines.contract import EngineError
from protocol import HEADER, OK, SEARCH_REPLY_HEAD, VERSION, parse_search

KEPT_SHAPES = 16


class Answer:
    """Room for the answer to `queries` searches for k rows each, and the search that fills it."""

    def __init__(self, engine, vectors, k):
        queries = len(vectors)
        size = SEARCH_REPLY_HEAD.size + 4 * queries * k
        self.frame = bytearray(size)
        self.length = size - HEADER.size
        self.ids = numpy.frombuffer(self.frame, numpy.int32, queries * k, SEARCH_REPLY_HEAD.size)
        self.ids = self.ids.reshape(queries, k)
        self.distances = numpy.empty((queries, k), numpy.float32)
        self.rows = numpy.empty((queries, k), numpy.int64)
        self.search = engine.bind(vectors, k, self.distances, self.rows)


class Searcher:
    """Answers the searches of one connection."""

    def __init__(self, collection):
        self._collection = collection
        self._answers = {}
        self._buffer = None
        self._threads = 0

    def answer(self, reader):
        """The reply frame to the search that `reader` holds; valid until the next call."""
        read_ns = perf_counter_ns()
        collection = self._collection
        k, queries, text, offset = parse_search(reader.buffer, reader.total)
        if reader.buffer is not self._buffer:
            self._answers.clear()
            self._buffer = reader.buffer
        shape = (queries, k, offset, reader.total)
        answer = self._answers.get(shape)
        if answer is None or not collection.finished:
            answer = self._new_answer(reader, shape)
        parameters = collection.parameters(text)
        search = answer.search
        begin_ns = perf_counter_ns()
        search(parameters)
        end_ns = perf_counter_ns()
        row_ids = collection.row_ids
        answer.ids[:] = answer.rows if row_ids is None else row_ids[answer.rows]
        SEARCH_REPLY_HEAD.pack_into(
            answer.frame,
            0,
            answer.length,
            OK,
            VERSION,
            reader.request_id,
            end_ns - begin_ns,
            begin_ns - read_ns,
        )
        return answer.frame

    def _new_answer(self, reader, shape):
        queries, k, offset, end = shape
        vectors = self._collection.vectors(reader.buffer, offset, end)
        self._check(k, queries, vectors)
        if len(self._answers) >= KEPT_SHAPES:
            self._answers.clear()
        answer = self._answers[shape] = Answer(self._collection.engine, vectors, k)
        return answer

    def _check(self, k, queries, vectors):
        if not self._collection.finished:
            raise EngineError("STORE_FAILED", "a search came before the collection was finished")
        if k < 1 or queries < 1 or len(vectors) != queries:
            raise EngineError(
                "BAD_ARGUMENT",
                f"a search of {queries} queries for {k} rows each came with {len(vectors)} vectors",
            )
        if self._threads != self._collection.search_threads:
            self._threads = self._collection.search_threads
            self._collection.engine.set_threads(self._threads)
