"""The Python side against the frames of test/fixtures/host-protocol.json."""

import json
import socket
import unittest

import numpy
from paths import FIXTURES

import protocol
from engines.contract import EngineError
from protocol import FrameReader, ProtocolError
from server import read_columns

VECTORS = json.loads((FIXTURES / "host-protocol.json").read_text(encoding="utf-8"))
BY_NAME = {case["name"]: case for case in VECTORS["requests"]}


def received(frame):
    """A reader that has read the frame from a socket."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(frame)
        reader = FrameReader(ours)
        assert reader.read()
        return reader


class Requests(unittest.TestCase):
    def test_every_request_is_read_with_its_operation_id_and_body(self):
        for case in VECTORS["requests"]:
            with self.subTest(case["name"]):
                reader = received(bytes.fromhex(case["hex"]))
                self.assertEqual(reader.operation, case["operation"])
                self.assertEqual(reader.request_id, case["requestId"])
                self.check_body(case, reader)

    def check_body(self, case, reader):
        if "spec" in case:
            self.assertEqual(json.loads(bytes(reader.payload())), case["spec"])
        elif "k" in case:
            k, queries, text, offset = protocol.parse_search(reader.buffer, reader.total)
            self.assertEqual((k, queries), (case["k"], case["queries"]))
            shared = {name: case[name] for name in ("params", "filter") if name in case}
            self.assertEqual(json.loads(text), shared)
            self.check_floats(reader, offset, case["vectors"])
        elif "truthK" in case:
            self.assertEqual(len(reader.payload()), 4 + 4 * len(case["ids"]))
        elif "ids" in case:
            rows, ids, columns, vectors = protocol.parse_upsert(reader.buffer, reader.total)
            self.check_columns(case.get("payload"), read_columns(columns, rows))
            found = numpy.frombuffer(reader.buffer, "<i4", rows, ids)
            self.assertEqual(found.tolist(), case["ids"])
            self.check_floats(reader, vectors, case["vectors"])
        elif "vectors" in case:
            self.check_floats(reader, protocol.HEADER.size, case["vectors"])
        else:
            self.assertEqual(len(reader.payload()), 0)

    def check_columns(self, payload, columns):
        if payload is None:
            self.assertIsNone(columns)
        else:
            expected = {name: column["values"] for name, column in payload.items()}
            self.assertEqual(columns, expected)

    def check_floats(self, reader, offset, expected):
        found = numpy.frombuffer(bytes(reader.buffer[offset : reader.total]), "<f4")
        numpy.testing.assert_array_equal(found, numpy.array(expected, "f4"))


class Replies(unittest.TestCase):
    def test_every_reply_is_written_as_its_frame(self):
        for case in VECTORS["replies"]:
            with self.subTest(case["name"]):
                self.assertEqual(self.encoded(case).hex(), case["hex"])

    def encoded(self, case):
        if "body" in case:
            return protocol.encode_reply(protocol.OK, case["requestId"], case["body"])
        if "error" in case:
            error = case["error"]
            return protocol.encode_error(case["requestId"], error["code"], error["message"])
        ids = numpy.array(case["ids"], "<i4").tobytes()
        head = protocol.SEARCH_REPLY_HEAD.pack(
            16 + len(ids),
            protocol.OK,
            protocol.VERSION,
            case["requestId"],
            case["engineNs"],
            case["hostQueueNs"],
        )
        return head + ids


class Stream(unittest.TestCase):
    def setUp(self):
        self.ours, self.theirs = socket.socketpair()
        self.addCleanup(self.ours.close)
        self.addCleanup(self.theirs.close)

    def test_a_frame_that_comes_byte_by_byte_is_read_whole(self):
        frame = bytes.fromhex(BY_NAME["search with filter"]["hex"])
        reader = FrameReader(self.ours)
        for at in range(len(frame)):
            self.theirs.sendall(frame[at : at + 1])
        self.assertTrue(reader.read())
        self.assertEqual(bytes(reader.buffer[: reader.total]), frame)

    def test_a_peer_that_closes_between_frames_ends_the_reading(self):
        self.theirs.close()
        self.assertFalse(FrameReader(self.ours).read())

    def test_a_peer_that_closes_inside_a_frame_is_an_error(self):
        self.theirs.sendall(bytes.fromhex(BY_NAME["create"]["hex"])[:-1])
        self.theirs.close()
        with self.assertRaisesRegex(ProtocolError, "middle of a frame"):
            FrameReader(self.ours).read()

    def test_another_version_is_refused(self):
        self.theirs.sendall(protocol.HEADER.pack(0, protocol.HELLO, 1, 1))
        with self.assertRaisesRegex(ProtocolError, "version 1"):
            FrameReader(self.ours).read()

    def test_parameters_longer_than_their_frame_are_refused(self):
        body = protocol.SEARCH_HEAD.pack(1, 1, 4_000_000_000)
        frame = protocol.HEADER.pack(len(body), protocol.SEARCH, protocol.VERSION, 1) + body
        with self.assertRaisesRegex(ProtocolError, "do not fit"):
            protocol.parse_search(frame, len(frame))

    def test_a_payload_longer_than_its_frame_is_refused(self):
        body = protocol.UPSERT_HEAD.pack(1, 4_000_000_000) + bytes(4)
        frame = protocol.HEADER.pack(len(body), protocol.UPSERT, protocol.VERSION, 1) + body
        with self.assertRaisesRegex(ProtocolError, "do not fit"):
            protocol.parse_upsert(frame, len(frame))

    def test_a_column_with_another_number_of_values_than_there_are_rows_is_refused(self):
        text = b'{"genre":{"type":"category","values":["a"]}}'
        with self.assertRaisesRegex(EngineError, "2 rows came with 1 values of genre"):
            read_columns(text, 2)


if __name__ == "__main__":
    unittest.main()
