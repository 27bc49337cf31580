"""One folder a source: endpoint to request, answer to rows or a named error. No I/O."""
