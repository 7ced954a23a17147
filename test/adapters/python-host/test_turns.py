"""A setting that calls want at different values."""

import threading
import time
import unittest

import paths  # noqa: F401

from engines.turns import Turns

PATIENCE_S = 5


class Calls:
    """Calls that note what holds while they run, and end when they are told to."""

    def __init__(self):
        self.holds = None
        self.changes = []
        self.turns = Turns(self._apply)
        self.begun = []

    def _apply(self, value):
        self.holds = value
        self.changes.append(value)

    def start(self, value):
        """A call in a thread of its own: the thread, and the event that ends it."""
        end = threading.Event()

        def call():
            self.turns.enter(value)
            self.begun.append((value, self.holds))
            end.wait(PATIENCE_S)
            self.turns.leave()

        thread = threading.Thread(target=call)
        thread.start()
        return thread, end

    def wait_for(self, count):
        """Waits until so many calls have begun."""
        until = time.monotonic() + PATIENCE_S
        while len(self.begun) < count and time.monotonic() < until:
            time.sleep(0.001)


class TurnsOfCalls(unittest.TestCase):
    def setUp(self):
        self.calls = Calls()
        self.started = []

    def start(self, *values):
        for value in values:
            self.started.append(self.calls.start(value))
            # In line before the next one comes.
            time.sleep(0.02)

    def end(self, *places):
        for place in places:
            thread, end = self.started[place]
            end.set()
            thread.join(PATIENCE_S)

    def test_calls_for_the_same_value_run_side_by_side_and_it_is_set_once(self):
        self.start(7, 7, 7)
        self.calls.wait_for(3)
        self.assertEqual(self.calls.begun, [(7, 7)] * 3)
        self.end(0, 1, 2)
        self.assertEqual(self.calls.changes, [7])

    def test_another_value_waits_until_nobody_runs(self):
        self.start(7, 7, 8)
        self.end(0)
        self.assertEqual(self.calls.begun, [(7, 7)] * 2)
        self.end(1)
        self.calls.wait_for(3)
        self.assertEqual(self.calls.begun[2:], [(8, 8)])
        self.end(2)

    def test_who_comes_later_waits_behind_and_nobody_is_forgotten(self):
        self.start(7, 8, 9, 7, 8)
        self.assertEqual(self.calls.begun, [(7, 7)])
        self.end(0)
        self.calls.wait_for(3)
        self.assertEqual(self.calls.begun[1:], [(8, 8)] * 2)
        self.end(1, 4)
        self.calls.wait_for(4)
        self.end(2)
        self.calls.wait_for(5)
        self.assertEqual(self.calls.begun[3:], [(9, 9), (7, 7)])
        self.end(3)
        self.assertEqual(self.calls.changes, [7, 8, 9, 7])


if __name__ == "__main__":
    unittest.main()
