"""What is measured rather than tested: cost, skill, and the constants that ship as priors."""
