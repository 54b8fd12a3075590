"""Model sets on disk: a manifest and one file per model, written whole and read with suspicion."""
