"""HTTP: decode a request, call the engine, encode its answer."""
