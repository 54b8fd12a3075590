"""The HTTP session that yfinance works through: one budget of seconds for every request of a run.

yfinance asks for cookie, crumb and charts with time limits of its own, up to 30 s each, and answers a refusal with more
requests. Through this session no request begins or lasts beyond the budget, and a refused chart ends there.
"""

import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from aegismatrix_engine.network.retries import Pauses

UNAUTHORISED, FORBIDDEN, TOO_MANY_REQUESTS = 401, 403, 429
REFUSED = 400
SERVER_FAILED = 500
LONGEST_ANSWER = 80
MOST_A_MINUTE, MINUTE = 60, 60.0
"""Requests that may begin within so many seconds, for every market of a run together."""

CHART = "/finance/chart/"
COOKIE = "https://fc.yahoo.com"

_PAUSES = Pauses(attempts=5, first=1.0, longest=8.0)


@dataclass(frozen=True)
class Patience:
    """How long a run waits for Yahoo, in seconds.

    Attributes:
        total: for all symbols together, waiting included.
        share: what one series may take of it before it is given up, so that a symbol that hangs leaves time for others.
        request: for one request.
        pauses: between requests for one series.
    """

    total: float = 60.0
    share: float = 20.0
    request: float = 10.0
    pauses: Pauses = _PAUSES

    @classmethod
    def of(cls, total: float) -> Self:
        """A run that waits ``total`` seconds, every other limit in proportion."""
        part, usual = total / cls.total, cls.pauses
        pauses = Pauses(usual.attempts, usual.first * part, usual.longest * part, usual.jitter * part)
        return cls(total, cls.share * part, cls.request * part, pauses)


class BudgetSpent(TimeoutError):
    """The seconds of the run are used up."""


class RefusedRequest(Exception):
    """Yahoo answered a request for a chart with a status from 400 on; ``status`` is which.

    yfinance would report any of them as a symbol that may be delisted.
    """

    status: int = TOO_MANY_REQUESTS

    def __init__(self, status: int, answer: str = "") -> None:
        super().__init__(f"HTTP status {status}" + (f", {answer}" if answer else ""))
        self.status = status

    @property
    def new_cookie_helps(self) -> bool:
        """Whether a request with a new cookie and crumb may be let in."""
        return self.status in (UNAUTHORISED, FORBIDDEN)

    @property
    def passes(self) -> bool:
        """Whether waiting helps: a worn-out crumb, a limit to the rate, a server in trouble."""
        return self.status in (UNAUTHORISED, TOO_MANY_REQUESTS) or self.status >= SERVER_FAILED


class Budget:
    """The seconds left of a run, which begins with the first question."""

    def __init__(
        self,
        patience: Patience,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.patience = patience
        self._clock, self._sleep = clock, sleep
        self._ends: float | None = None
        self._begun: deque[float] = deque(maxlen=MOST_A_MINUTE)

    def left(self) -> float:
        """Seconds left, 0 or more."""
        if self._ends is None:
            self._ends = self._clock() + self.patience.total
        return max(0.0, self._ends - self._clock())

    @property
    def spent(self) -> bool:
        """Whether the seconds were used up; a run that has not begun has all of them."""
        return self._ends is not None and self._clock() >= self._ends

    def wait_for_turn(self) -> None:
        """Wait until a request may begin without more than ``MOST_A_MINUTE`` in 60 seconds.

        Raises:
            BudgetSpent: the run ends before that.
        """
        now = self._clock()
        wait = self._begun[0] + MINUTE - now if len(self._begun) == MOST_A_MINUTE else 0.0
        if wait > 0:
            if wait >= self.left():
                raise BudgetSpent(
                    f"{MOST_A_MINUTE} requests were made within a minute, and the {self.patience.total:g} s for this "
                    "run end before the next one may begin"
                )
            self._sleep(wait)
        self._begun.append(self._clock())

    def for_request(self) -> float:
        """Seconds that a request beginning now may last; raises BudgetSpent where none are left."""
        left = min(self.left(), self.patience.request)
        if left <= 0:
            raise BudgetSpent(f"the {self.patience.total:g} s for this run are used up")
        return left

    def allows_pause(self) -> bool:
        """Whether the longest pause, and something after it, still fits."""
        return self.left() > self.patience.pauses.longest


def budgeted_session(budget: Budget) -> Any:
    """A curl_cffi session whose requests keep to the budget.

    Its ``chart`` is the last chart answered, bytes. The cookie is requested once: where Yahoo gives none, yfinance
    requests it again before every chart. Requests raise BudgetSpent, RefusedRequest and what curl_cffi raises.
    """
    from curl_cffi.requests import Session

    class BudgetedSession(Session):  # type: ignore[type-arg,misc,unused-ignore]
        chart: bytes = b""
        cookie: Any = None

        def request(self, method: Any, url: str, **options: Any) -> Any:  # type: ignore[override,unused-ignore]
            if url.startswith(COOKIE) and self.cookie is not None:
                return self.cookie
            budget.wait_for_turn()
            asked = options.get("timeout")
            left = budget.for_request()
            options["timeout"] = min(left, asked) if isinstance(asked, int | float) and asked > 0 else left
            answer: Any = super().request(method, url, **options)
            if url.startswith(COOKIE):
                self.cookie = answer
            if CHART in url:
                if answer.status_code >= REFUSED:
                    raise RefusedRequest(answer.status_code, reason_given(answer.content))
                self.chart = answer.content
            return answer

        def forget_cookie(self) -> None:
            self.cookie = None
            self.cookies.clear()

        def get(self, url: str, **options: Any) -> Any:
            return self.request("GET", url, **options)

        def post(self, url: str, **options: Any) -> Any:
            return self.request("POST", url, **options)

    return BudgetedSession(impersonate="chrome")


def reason_given(body: bytes) -> str:
    """The description in the JSON of Yahoo's refusal; empty for a page made for browsers."""
    try:
        # A chart's own errors are under "chart", those of cookie and crumb under "finance".
        (answer,) = json.loads(body).values()
        description = answer["error"]["description"]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return ""
    return " ".join(str(description).split())[:LONGEST_ANSWER]
