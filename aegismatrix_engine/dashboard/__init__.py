"""The page: document and record as one static web page."""
