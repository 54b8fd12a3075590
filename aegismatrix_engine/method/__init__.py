"""The method in words: what each field of the document means, how it is computed, and what it does not say."""
