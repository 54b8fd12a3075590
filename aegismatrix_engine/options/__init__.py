"""Option chains as the market prices them: the legs of each expiry, and what is computed from them."""
