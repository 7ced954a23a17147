"""An engine that sleeps in each search for as long as the search parameter `sleepS` says."""

import sys
import time
from pathlib import Path

from engines.contract import Engine as Contract


class Engine(Contract):
    """Stores no rows, a file only, and finds row 0; says on stderr what it does."""

    name = "sleepy"
    rows = 0

    def versions(self):
        return {"version": "1", "settings": {}, "warnings": []}

    def create(self, spec):
        Path(self.folder).mkdir()
        Path(self.folder, "left-behind").touch()
        return {"trained": True, "settings": {}}

    def set_threads(self, count):
        pass

    def train(self, vectors):
        print("learns for a long time", file=sys.stderr, flush=True)
        time.sleep(60)

    def add(self, vectors):
        self.rows += len(vectors)

    def count(self):
        return self.rows

    def index_bytes(self):
        return 0

    def search_parameters(self, values):
        return values.get("sleepS", 0)

    def bind(self, queries, k, distances, rows):
        def search(parameters):
            if parameters:
                print(f"sleeps for {parameters} s", file=sys.stderr, flush=True)
                time.sleep(parameters)
            # The first value of a query tells which one it was.
            rows[:] = queries[:, :1]

        return search
