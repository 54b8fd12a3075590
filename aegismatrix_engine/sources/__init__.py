"""Where bars come from: a csv folder, Yahoo, or the sample that the ``arch`` package carries."""
