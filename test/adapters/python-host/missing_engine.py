"""An engine whose package nobody has."""

import no_such_engine_package  # noqa: F401
