"""The page: a document and the record as one static page and a feed."""
