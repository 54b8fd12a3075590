"""Inside a session: its bars, profile, scale and model, its state so far, and the prior that ships."""
