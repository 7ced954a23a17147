"""Frames of the engine-host protocol, little-endian; the TypeScript side is core/host/protocol.ts.

Header: u32 length of the payload, u16 operation (in a reply: status), u16 version, u32 request id.
"""

import json
import mmap
import socket
import struct

VERSION = 3
OK = 0
ERROR = 1

HELLO = 1
CREATE = 2
TRAIN = 3
UPSERT = 4
FINISH = 5
COUNT = 6
FOOTPRINT = 7
SEARCH = 8
DROP = 9

HEADER = struct.Struct("<IHHI")
SEARCH_HEAD = struct.Struct("<III")
SEARCH_REPLY_HEAD = struct.Struct("<IHHIQQ")
UPSERT_HEAD = struct.Struct("<II")

KEPT_BUFFER_BYTES = 8 << 20


class ProtocolError(Exception):
    """Bytes that are no frame of this protocol; the connection cannot go on."""


def encode_reply(status, request_id, body):
    """A reply with a JSON body."""
    payload = json.dumps(body).encode()
    return HEADER.pack(len(payload), status, VERSION, request_id) + payload


def encode_error(request_id, code, message):
    """A reply that says what went wrong, by code and sentence."""
    return encode_reply(ERROR, request_id, {"code": code, "message": message})


def padded(length):
    """Length of a block of JSON with what is put behind it, so that what follows is aligned."""
    return (length + 3) // 4 * 4


def parse_search(buffer, total):
    """k, number of queries, bytes of parameters and filter, offset of the vectors, of the frame in
    `buffer`.
    """
    if total < HEADER.size + SEARCH_HEAD.size:
        raise ProtocolError(f"a search frame of {total} bytes is too short")
    k, queries, length = SEARCH_HEAD.unpack_from(buffer, HEADER.size)
    first = HEADER.size + SEARCH_HEAD.size
    # After the parameters each query's row in the query file, which no engine here looks at.
    vectors = first + padded(length) + 4 * queries
    if vectors > total:
        raise ProtocolError(f"parameters of {length} bytes, {queries} rows do not fit the frame")
    return k, queries, bytes(buffer[first : first + length]), vectors


def parse_upsert(buffer, total):
    """Number of rows, offset of the ids, bytes of the payload, offset of the vectors, of the frame
    in `buffer`.
    """
    if total < HEADER.size + UPSERT_HEAD.size:
        raise ProtocolError(f"an upsert frame of {total} bytes is too short")
    rows, length = UPSERT_HEAD.unpack_from(buffer, HEADER.size)
    first = HEADER.size + UPSERT_HEAD.size
    columns = first + 4 * rows
    vectors = columns + padded(length)
    if vectors > total:
        raise ProtocolError(f"{rows} ids, a payload of {length} bytes do not fit the frame")
    return rows, first, bytes(buffer[columns : columns + length]), vectors


class FrameReader:
    """Reads one frame at a time from a blocking socket; a peer sends one and awaits its reply."""

    def __init__(self, connection):
        self._connection = connection
        self._kept = bytearray(64 << 10)
        self.buffer = self._kept
        self.total = 0
        self.operation = 0
        self.request_id = 0

    def read(self):
        """Receives the next frame into `buffer`; False when the peer has closed."""
        self.buffer = self._kept
        got = self._connection.recv_into(self._kept)
        if got == 0:
            return False
        if got < HEADER.size:
            got = self._fill(got, HEADER.size)
        length, self.operation, version, self.request_id = HEADER.unpack_from(self._kept)
        if version != VERSION:
            raise ProtocolError(f"protocol version {version}, this host speaks {VERSION}")
        self.total = HEADER.size + length
        if got > self.total:
            raise ProtocolError("a second request came before the reply to the first")
        if got < self.total:
            self._grow(got)
            self._fill(got, self.total)
        return True

    def payload(self):
        """The bytes after the header, not copied."""
        return memoryview(self.buffer)[HEADER.size : self.total]

    def _grow(self, got):
        if self.total <= len(self._kept):
            return
        if self.total <= KEPT_BUFFER_BYTES:
            grown = bytearray(1 << (self.total - 1).bit_length())
            grown[:got] = self._kept[:got]
            self._kept = grown
        else:
            # A mapping of its own goes back to the system as soon as it is let go of.
            grown = mmap.mmap(-1, self.total)
            grown[:got] = self._kept[:got]
        self.buffer = grown

    def _fill(self, got, until):
        view = memoryview(self.buffer)
        while got < until:
            more = self._connection.recv_into(view[got:until], 0, socket.MSG_WAITALL)
            if more == 0:
                raise ProtocolError("the peer closed in the middle of a frame")
            got += more
        return got
