"""The Python engine host: one engine, one index, served on a Unix socket.

On stdout it says one line of JSON: that it is ready, or why it cannot be.
"""

import argparse
import importlib
import importlib.util
import json
import os
import signal
import socket
import sys
from pathlib import Path

BACKLOG = 1024
START_LIMIT_S = 60
# Behind the client where both want a core: what delays the client would count as the engine's.
NICENESS = 5


def load_engine(name):
    """The class `Engine` of engines/<name>_engine.py, or of a file ending in .py."""
    if not name.endswith(".py"):
        return importlib.import_module(f"engines.{name}_engine").Engine
    spec = importlib.util.spec_from_file_location(Path(name).stem, name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Engine


def say(message):
    """The one line on stdout; whatever an engine prints later goes to stderr."""
    print(json.dumps(message), flush=True)
    os.dup2(2, 1)


def main():
    """Loads the engine, listens, says so, and serves until the control connection closes."""
    # Ctrl-C is for the harness, which closes its hosts when its records are safe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICENESS)
    parser = argparse.ArgumentParser(description="Serves one index on a Unix socket.")
    parser.add_argument("--engine", required=True, help="a file of engines/, or a path to one")
    parser.add_argument("--socket", required=True, help="path of the Unix socket to listen on")
    arguments = parser.parse_args()
    try:
        from server import serve

        engine = load_engine(arguments.engine)()
    except ImportError as error:
        say({"ready": False, "package": error.name, "message": str(error)})
        sys.exit(3)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(arguments.socket)
    listener.listen(BACKLOG)
    say({"ready": True})
    serve(listener, engine, START_LIMIT_S)


if __name__ == "__main__":
    main()
