"""Rows, questions and true neighbours for engines that may be left out, and a way to build them."""

import importlib.util
import json
import os
import shutil
import tempfile
import unittest

import numpy
import paths  # noqa: F401

from collection import Collection

ROWS, DIMENSIONS, QUERIES, K = 1500, 16, 40, 10


def need(package, store):
    """Leaves a file of tests out, by name, unless the engine it is of is asked for."""
    asked = [name.strip() for name in os.environ.get("BENCH_STORES", "").split(",")]
    if store not in asked:
        raise unittest.SkipTest(f"{store}: BENCH_STORES does not list it")
    if importlib.util.find_spec(package) is None:
        raise AssertionError(f"{store}: {package} is not installed; bench doctor --install {store}")


def clustered(rows, seed):
    """Rows around 30 centres, as embeddings are: normal numbers alone have no neighbourhoods."""
    random = numpy.random.default_rng(seed)
    centres = numpy.random.default_rng(7).normal(size=(30, DIMENSIONS))
    near = centres[random.integers(0, 30, rows)] + 0.5 * random.normal(size=(rows, DIMENSIONS))
    return near.astype("f4")


BASE, ASKED = clustered(ROWS, 1), clustered(QUERIES, 2)


def exact(base, asked, metric):
    """Row numbers of the K nearest by float64, all rows compared."""
    base, asked = base.astype("f8"), asked.astype("f8")
    if metric == "cosine":
        base = base / numpy.linalg.norm(base, axis=1, keepdims=True)
    distances = -asked @ base.T
    if metric == "l2":
        distances = (base**2).sum(1) + 2 * distances
    return numpy.argsort(distances, axis=1, kind="stable")[:, :K]


def build(engine, family, params=None, metric="l2", **more):
    """A finished collection; `more` has `base`, `elements`, `ids`, `threads`, `seed`, and the
    fields of a `payload` with their `columns`, if need be.
    """
    base = more.get("base", BASE)
    threads = more.get("threads", 1)
    folder = tempfile.mkdtemp()
    engine.folder = os.path.join(folder, "data")
    unittest.addModuleCleanup(shutil.rmtree, folder)
    collection = Collection(engine)
    collection.create(
        {
            "rows": len(base),
            "dimensions": base.shape[1],
            "metric": metric,
            "elements": more.get("elements", "f32"),
            "family": family,
            "params": params or {},
            "buildThreads": threads,
            "searchThreads": threads,
            "seed": more.get("seed", 1),
            **({"payload": more["payload"]} if "payload" in more else {}),
        }
    )
    ids = more.get("ids", numpy.arange(len(base), dtype="i4"))
    for at in range(0, len(base), 1000):
        to = at + 1000
        columns = {name: values[at:to] for name, values in more.get("columns", {}).items()}
        collection.upsert(ids[at:to], base[at:to], columns or None)
    collection.finish()
    return collection


def found(collection, asked, search=None, k=K, asked_filter=None):
    """Ids of the k nearest as the index has them, asked in one batch."""
    said = {"params": search or {}}
    if asked_filter is not None:
        said["filter"] = asked_filter
    parameters = collection.parameters(json.dumps(said).encode())
    distances = numpy.empty((len(asked), k), "f4")
    rows = numpy.full((len(asked), k), -7)
    collection.engine.bind(asked, k, distances, rows)(parameters)
    return rows if collection.row_ids is None else collection.row_ids[rows]


def recall(truth, ids):
    """Share of the true neighbours that were found."""
    return numpy.mean([len(set(a) & set(b)) / K for a, b in zip(truth, ids)])
