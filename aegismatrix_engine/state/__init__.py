"""What a run finds of earlier ones: the one reader of it, the policy of time, and what goes before what."""
