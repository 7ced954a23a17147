"""Recall of FAISS on a real data set; the integration tests run it, for it takes its time."""

import unittest

import numpy
from paths import BUNDLED
from test_faiss import K, build, found, recall


def normalised(rows):
    """Each row at length 1, in float32."""
    rows = rows.astype("f4")
    return rows / numpy.linalg.norm(rows, axis=1, keepdims=True)


class PublishedRecall(unittest.TestCase):
    """recall@10 of faiss-cpu 1.15.1 called directly, trained on all rows with FAISS's own seed."""

    @classmethod
    def setUpClass(cls):
        folder = BUNDLED / "wiki-movies"
        cls.base, cls.asked = (
            normalised(numpy.load(folder / f"{name}.f16.npy")) for name in ("base", "queries")
        )
        cls.truth = numpy.load(folder / "groundtruth.npy")[:, :K]

    def check(self, family, params, expected):
        collection = build(family, params, "ip", base=self.base)
        for search, value in expected:
            ids = found(collection, self.asked, search)
            self.assertAlmostEqual(recall(self.truth, ids), value, delta=0.02, msg=str(search))

    def test_ivf_flat(self):
        pairs = zip((4, 16, 32, 64, 96), (0.626, 0.783, 0.862, 0.939, 0.980))
        self.check("ivf-flat", {"nlist": 128}, [({"nprobe": n}, r) for n, r in pairs])

    def test_ivf_pq_alone_and_refined(self):
        # Ranking the k that came anew leaves them what they are: kFactor 1 is IVF-PQ alone.
        alone = zip((4, 16, 32, 64), (0.526, 0.613, 0.642, 0.664))
        refined = zip((4, 16, 32, 64, 96), (0.626, 0.780, 0.856, 0.927, 0.964))
        expected = [
            ({"nprobe": n, "kFactor": factor}, recall_at_10)
            for factor, pairs in ((1, alone), (8, refined))
            for n, recall_at_10 in pairs
        ]
        self.check("ivf-pq", {"nlist": 128, "m": 48, "refine": "flat"}, expected)

    def test_hnsw(self):
        pairs = zip((16, 32, 64), (0.782, 0.880, 0.933))
        params = {"M": 16, "efConstruction": 40}
        self.check("hnsw", params, [({"efSearch": n}, r) for n, r in pairs])


if __name__ == "__main__":
    unittest.main()
