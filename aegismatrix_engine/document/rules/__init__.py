"""Rules between a document's fields that types cannot state, one module per part of the document."""
