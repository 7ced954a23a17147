"""Search parameters as they come: taken one by one, so that what nobody took can be told."""

from .contract import EngineError


def take(values, name, default, most=None):
    """Removes a whole number from `values`: 1 or more, and not above `most`."""
    value = values.pop(name, default)
    if value != int(value) or value < 1 or (most is not None and value > most):
        span = "at least 1" if most is None else f"1..{most}"
        raise EngineError("BAD_ARGUMENT", f"{name} must be a whole number, {span}, got {value}")
    return int(value)


def take_flag(values, name, default):
    """Removes true or false from `values`."""
    value = values.pop(name, default)
    if not isinstance(value, (bool, type(default))):
        raise EngineError("BAD_ARGUMENT", f"{name} must be true or false, got {value}")
    return value


def refuse_rest(values, owner):
    """Says what is left in `values`, which nobody took."""
    if values:
        names = ", ".join(values)
        raise EngineError("BAD_ARGUMENT", f"{owner} has no search parameter {names}")
