"""A setting of a whole index that calls want at different values."""

from threading import Event, Lock


class Gate:
    """Calls that wait for one value."""

    def __init__(self):
        self.calls = 0
        self.opened = Event()


class Turns:
    """Lets calls that want the same value run side by side, the others one value after another.

    Whoever waits longest is next, with all who wait for the same value; who comes later waits
    behind them, even for the value of the moment, so that every call has its turn.
    """

    def __init__(self, apply):
        self._apply = apply
        self._value = None
        self._running = 0
        self._waiting = {}
        self._lock = Lock()

    def enter(self, value):
        """Returns once `value` holds; it holds until `leave`, which must follow."""
        with self._lock:
            if not self._waiting and (value == self._value or self._running == 0):
                self._turn_to(value)
                self._running += 1
                return
            gate = self._waiting.setdefault(value, Gate())
            gate.calls += 1
        gate.opened.wait()

    def leave(self):
        """Ends what `enter` began."""
        with self._lock:
            self._running -= 1
            if self._running == 0 and self._waiting:
                value = next(iter(self._waiting))
                gate = self._waiting.pop(value)
                self._turn_to(value)
                self._running = gate.calls
                gate.opened.set()

    def _turn_to(self, value):
        if value != self._value:
            self._apply(value)
            self._value = value
