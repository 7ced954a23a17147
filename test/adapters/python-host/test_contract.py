"""What the host says where an engine takes no payload and has no filters."""

import json
import unittest

import numpy
import paths  # noqa: F401
from sleepy_engine import Engine

from collection import Collection
from engines.contract import EngineError

SPEC = {"rows": 1, "dimensions": 1, "buildThreads": 1, "searchThreads": 1}


class Quiet(Engine):
    """Keeps no file."""

    def create(self, spec):
        return {"trained": True, "settings": {}}


class WithoutPayload(unittest.TestCase):
    def setUp(self):
        self.collection = Collection(Quiet())

    def refused(self, work, *arguments):
        with self.assertRaises(EngineError) as caught:
            work(*arguments)
        self.assertEqual(caught.exception.code, "UNSUPPORTED")
        return str(caught.exception)

    def test_a_collection_with_a_payload_is_refused(self):
        fields = [{"name": "genre", "type": "category", "indexed": True}]
        spec = {**SPEC, "payload": fields}
        self.assertEqual(self.refused(self.collection.create, spec), "sleepy stores no payload")

    def test_rows_with_a_payload_are_refused(self):
        self.collection.create(SPEC)
        batch = numpy.zeros(1, "i4"), numpy.zeros((1, 1), "f4"), {"genre": ["Drama"]}
        self.assertEqual(self.refused(self.collection.upsert, *batch), "sleepy stores no payload")

    def test_a_filter_is_refused_and_a_search_without_one_is_not(self):
        self.collection.create(SPEC)
        asked = {"params": {"sleepS": 0}, "filter": {"field": "genre", "equals": "Drama"}}
        text = json.dumps(asked).encode()
        self.assertEqual(self.refused(self.collection.parameters, text), "sleepy has no filters")
        self.assertEqual(self.collection.parameters(b'{"params":{"sleepS":2}}'), 2)

    def test_each_text_is_parsed_once(self):
        self.collection.create(SPEC)
        text = b'{"params":{"sleepS":[1]}}'
        self.assertIs(self.collection.parameters(text), self.collection.parameters(bytes(text)))


if __name__ == "__main__":
    unittest.main()
