"""Which way the index may go: what is forecast about it, and how little is known."""
