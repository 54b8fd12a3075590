"""Which options are the wings of a smile, and the scale of how dear they are beside the money."""

from typing import Final

DELTA: Final = 0.25

WING_RANGE: Final = (0.85, 1.25)
"""Lowest and highest volatility of a wing as a share of that at the money, the ends of a scale from 0 to 1.

On 29 expiries of 2 to 511 days in five chains of 2021, 2023, 2025 and 2026 the puts' share was 1.01 to 1.14 and the
calls' 0.90 to 1.04. The range leaves room for a market under stress; beyond it the scale stays at its end.
"""
