"""The document of one moment: its blocks, its health, its provenance and its track record."""
