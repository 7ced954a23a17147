"""What an engine is to the host: one file `engines/<name>_engine.py` with a class `Engine`."""

from abc import ABC, abstractmethod


class EngineError(Exception):
    """Something that a person can act on, by a code of the harness and a sentence."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class Engine(ABC):
    """One index. Rows are numbered from 0 in the order in which they are added."""

    name = ""
    # A folder for what the index keeps on disk: not there yet, removed when the host ends.
    folder = ""
    # Whether it stores columns beside the vectors, which `create` finds as spec["payload"]:
    # [{"name", "type": category, integer, float, boolean or text, "indexed": filters look at it}].
    takes_payload = False

    @abstractmethod
    def versions(self):
        """{"version", "settings": {name: value}, "warnings": [text]}, before anything is built."""

    @abstractmethod
    def create(self, spec):
        """Makes the empty index; {"trained": needs no train, "settings": {...}}."""

    def set_threads(self, count):
        """Threads of the engine's calls that come from the calling thread; nothing where the
        engine is told with each call, or once by `create`.
        """

    def train(self, vectors):
        """Learns from float32 rows x dimensions."""

    @abstractmethod
    def add(self, vectors):
        """Appends rows x dimensions, which are not kept alive afterwards: float32, or another type
        that the adapter says it takes.
        """

    def add_with(self, vectors, columns):
        """`add` with a payload, {column: a value for each row, None where it has none}; of an
        engine that takes one.
        """
        raise EngineError("UNSUPPORTED", f"{self.name} stores no payload")

    def finish(self):
        """Makes every row searchable; True if that was work to be timed as a phase of its own."""
        return False

    @abstractmethod
    def count(self):
        """Rows in the index."""

    @abstractmethod
    def index_bytes(self):
        """Bytes of the index as it would be stored; None where the engine does not say."""

    def disk_bytes(self):
        """Bytes of the index on disk, after `finish`; None for an index in memory."""
        return None

    @abstractmethod
    def search_parameters(self, values):
        """The engine's own form of {name: value}; kept and given to many calls of `search`."""

    def filtered(self, parameters, asked):
        """The engine's own form of parameters, with a filter that the rows of an answer must meet
        (its form is that of core/filter.ts); kept and given to `search` as well.
        """
        raise EngineError("UNSUPPORTED", f"{self.name} has no filters")

    @abstractmethod
    def bind(self, queries, k, distances, rows):
        """A search over buffers that are used again and again: called with the parameters, it
        looks for the rows of `queries` (float32) and fills `rows` (int64), queries x k, nearest
        first, row -1 where fewer came; `distances` (float32) is room of that shape.

        What it returns is what `engineNs` measures, called by the thread that called `bind`;
        those of several threads may run at once.
        """
