"""The blocks of the document, one module each."""
