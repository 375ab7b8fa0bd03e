"""The pictures of docs/methods, drawn from small computations of the library itself."""
