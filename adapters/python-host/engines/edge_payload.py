"""Payload and filters of qdrant-edge, from the form of the harness (core/filter.ts)."""

import numpy
from qdrant_edge import (
    FieldCondition,
    Filter,
    MatchAny,
    MatchValue,
    PayloadSchemaType,
    RangeFloat,
    UpdateOperation,
)

from .contract import EngineError

KEYWORD = ("keyword", PayloadSchemaType.Keyword)
# The indexes by Qdrant's words. A text is met as a whole, as a keyword is.
INDEXES = {
    "category": KEYWORD,
    "text": KEYWORD,
    "integer": ("integer", PayloadSchemaType.Integer),
    "float": ("float", PayloadSchemaType.Float),
    "boolean": ("bool", PayloadSchemaType.Bool),
}


def make_indexes(shard, fields):
    """Gives each column that filters look at an index; {setting: value} that tells of them."""
    told = []
    for field in fields:
        if field["indexed"]:
            name, (word, schema) = field["name"], INDEXES[field["type"]]
            shard.update(UpdateOperation.create_field_index(name, schema))
            told.append(f"{name} ({word})")
    return {"payloadIndexes": ", ".join(told)} if told else {}


def payload_rows(types, columns, count):
    """The payload of each of `count` rows; a column in which it has no value is left out."""
    # JSON has one kind of number: a whole one of a float column comes as an integer.
    made = {
        name: [None if value is None else float(value) for value in values]
        if types[name] == "float"
        else values
        for name, values in columns.items()
    }
    rows = [{} for _ in range(count)]
    for name, values in made.items():
        for row, value in zip(rows, values):
            if value is not None:
                row[name] = value
    return rows


def edge_filter(asked, types):
    """A filter as Qdrant takes it; `types` are those of the columns."""
    if "and" in asked:
        return Filter(must=[edge_filter(part, types) for part in asked["and"]])
    if "or" in asked:
        return Filter(should=[edge_filter(part, types) for part in asked["or"]])
    if "not" in asked:
        return Filter(must_not=[edge_filter(asked["not"], types)])
    field = asked["field"]
    if field not in types:
        raise EngineError("BAD_ARGUMENT", f"no payload {field} is stored to filter by")
    if "equals" in asked:
        return Filter(should=equal_to(field, [asked["equals"]], types[field]))
    if "in" in asked:
        return Filter(should=equal_to(field, asked["in"], types[field]))
    return Filter(must=[between(field, asked.get("atLeast"), asked.get("atMost"))])


def equal_to(field, values, kind):
    """Conditions of which a row meets one if its value is one of `values`."""
    if kind == "boolean":
        # Python's own True is a whole number, and is taken for one.
        return [FieldCondition(field, match=MatchValue(numpy.bool_(value))) for value in values]
    if kind == "float":
        return [between(field, value, value) for value in values]
    if kind == "integer":
        # A column holds whole numbers only, which no other number equals.
        values = [int(value) for value in values if value == int(value) and abs(value) < 2**63]
    match = MatchValue(values[0]) if len(values) == 1 else MatchAny(values)
    return [FieldCondition(field, match=match)]


def between(field, least, most):
    """A number is within bounds, which count as within; None for no bound."""
    return FieldCondition(field, range=RangeFloat(gte=least, lte=most))
