"""Connections: the first one controls the host, each further one is served by its own thread."""

import contextlib
import json
import os
import platform
import select
import shutil
import socket
import sys
import threading
import traceback

import numpy

import protocol
from collection import Collection
from engines.contract import EngineError
from protocol import FrameReader, ProtocolError
from searcher import Searcher


class Operations:
    """Everything but search: a JSON reply for each request."""

    def __init__(self, collection):
        self._collection = collection
        self._by_number = {
            protocol.HELLO: self._hello,
            protocol.CREATE: self._create,
            protocol.TRAIN: self._train,
            protocol.UPSERT: self._upsert,
            protocol.FINISH: lambda reader: {"phases": collection.finish()},
            protocol.COUNT: lambda reader: {"count": collection.engine.count()},
            protocol.FOOTPRINT: self._footprint,
        }

    def answer(self, reader):
        """The body of the reply to the request that `reader` holds."""
        operation = self._by_number.get(reader.operation)
        if operation is None:
            raise EngineError("STORE_FAILED", f"the host has no operation {reader.operation}")
        if reader.operation > protocol.CREATE and not self._collection.dimensions:
            raise EngineError("STORE_FAILED", "nothing was created yet")
        return operation(reader)

    def _hello(self, reader):
        engine = self._collection.engine
        about = engine.versions()
        here = {"python": platform.python_version(), "hostNiceness": os.nice(0)}
        settings = {**about["settings"], **here}
        found = {"engine": engine.name, "pid": os.getpid(), "batches": True}
        return {**about, **found, "settings": settings}

    def _footprint(self, reader):
        engine = self._collection.engine
        known = {"engineBytes": engine.index_bytes(), "diskBytes": engine.disk_bytes()}
        return {name: count for name, count in known.items() if count is not None}

    def _create(self, reader):
        return self._collection.create(json.loads(bytes(reader.payload())))

    def _train(self, reader):
        first = protocol.HEADER.size
        self._collection.train(self._collection.vectors(reader.buffer, first, reader.total))
        return {}

    def _upsert(self, reader):
        rows, ids, columns, vectors = protocol.parse_upsert(reader.buffer, reader.total)
        self._collection.upsert(
            numpy.frombuffer(reader.buffer, numpy.int32, rows, ids),
            self._collection.rows(reader.buffer, vectors, reader.total),
            read_columns(columns, rows),
        )
        return {}


def read_columns(text, rows):
    """{name: a value for each row, None where it has none} of a payload's JSON; None without."""
    if not text:
        return None
    columns = {name: column["values"] for name, column in json.loads(text).items()}
    for name, values in columns.items():
        if len(values) != rows:
            message = f"{rows} rows came with {len(values)} values of {name}"
            raise EngineError("BAD_ARGUMENT", message)
    return columns


def error_reply(request_id, error):
    """The reply to a request that failed; the trace of what nobody expected goes to stderr."""
    if isinstance(error, EngineError):
        return protocol.encode_error(request_id, error.code, str(error))
    if isinstance(error, MemoryError):
        return protocol.encode_error(request_id, "NO_MEMORY", f"out of memory: {error}")
    traceback.print_exception(error)
    message = f"{type(error).__name__}: {error}"
    return protocol.encode_error(request_id, "STORE_FAILED", message)


def serve_connection(connection, collection):
    """Answers requests one by one until the peer closes or asks to drop."""
    reader = FrameReader(connection)
    searcher = Searcher(collection)
    operations = Operations(collection)
    while reader.read():
        if reader.operation == protocol.DROP:
            connection.sendall(protocol.encode_reply(protocol.OK, reader.request_id, {}))
            return
        try:
            if reader.operation == protocol.SEARCH:
                reply = searcher.answer(reader)
            else:
                body = operations.answer(reader)
                reply = protocol.encode_reply(protocol.OK, reader.request_id, body)
        except ProtocolError:
            raise
        except Exception as error:
            reply = error_reply(reader.request_id, error)
        connection.sendall(reply)


def serve_slot(connection, collection):
    """One further connection, in its own thread; its peer may vanish at any time."""
    try:
        serve_connection(connection, collection)
    except OSError:
        pass
    except ProtocolError as error:
        print(f"a connection was closed: {error}", file=sys.stderr)
    finally:
        connection.close()


def accept_slots(listener, collection):
    """Takes further connections for as long as the host lives."""
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        arguments = (connection, collection)
        threading.Thread(target=serve_slot, args=arguments, daemon=True).start()


def data_folder(folder):
    """Where the engine may keep files, within the folder of its host."""
    return os.path.join(folder, "data")


def leave(folder):
    """Ends the process at once, and takes its folder with it where the harness cannot any more."""
    shutil.rmtree(data_folder(folder), ignore_errors=True)
    for name in ("s", "stderr.log", "exit"):
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(folder, name))
    with contextlib.suppress(OSError):
        os.rmdir(folder)
    os._exit(0)


def leave_with(control, folder):
    """Leaves as soon as the control connection is closed, whatever is running."""
    poll = select.poll()
    poll.register(control, getattr(select, "POLLRDHUP", 0) | select.POLLHUP)
    poll.poll()
    leave(folder)


def serve(listener, engine, start_limit_s):
    """Serves until the control connection closes; then the process ends."""
    collection = Collection(engine)
    listener.settimeout(start_limit_s)
    control, _ = listener.accept()
    listener.settimeout(None)
    control.settimeout(None)
    folder = os.path.dirname(listener.getsockname())
    engine.folder = data_folder(folder)
    threading.Thread(target=leave_with, args=(control, folder), daemon=True).start()
    threading.Thread(target=accept_slots, args=(listener, collection), daemon=True).start()
    try:
        serve_connection(control, collection)
    except ProtocolError as error:
        print(f"the control connection failed: {error}", file=sys.stderr, flush=True)
        os._exit(1)
    leave(folder)
