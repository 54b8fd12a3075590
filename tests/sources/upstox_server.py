"""A loopback server that answers as Upstox's option chain does, with faults.

with UpstoxServer() as server:
    server.fault["2026-06-23"] = "429"      # or server.fault["every"]
    aegis("options", "upstox", at=place, start=[str(LOOPBACK)], env=server.environment())
server.asked                                # the expiry of each request, in order
"""

import json
import threading
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import option_files
import pandas as pd

LOOPBACK = Path(__file__).with_name("upstox_loopback.py")
TOKEN = "eyJ0eXAi.loopback-token-that-nobody-may-see.Qx7_Zz"
EXPIRIES = tuple(pd.Timestamp(day) for day in ("2026-06-23", "2026-06-30", "2026-07-07", "2026-07-14", "2026-07-28"))
HTML = "<!DOCTYPE html><html><body>Access denied"


class UpstoxServer:
    """Serves an invented market of five expiries at the moment ``served``, which the Date header says.

    fault: by expiry, or "every": 401, 403, 404, 429, 500, redirect, empty, slow, html, echo, text, other, "no date";
    with " once" after it all is well from then on.
    """

    def __init__(self, served: pd.Timestamp) -> None:
        self.served = served
        self.fault: dict[str, str] = {}
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.released = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._made = option_files.contracts(EXPIRIES)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}/v2/option/chain"

    def environment(self, **more: str) -> dict[str, str]:
        """What to set for a subprocess that runs ``upstox_loopback.py``."""
        return {
            "AEGIS_TEST_UPSTOX": self.address,
            "UPSTOX_ANALYTICS_TOKEN": TOKEN,
            "AEGIS_NOW": self.served.isoformat(),
            "NO_PROXY": "*",
            "no_proxy": "*",
            **more,
        }

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def fault_of(self, expiry: str) -> str:
        name = expiry if expiry in self.fault else "every"
        fault = self.fault.get(name, "")
        if fault.endswith(" once"):
            del self.fault[name]
        return fault.removesuffix(" once")

    def chain(self, expiry: str, fault: str) -> bytes:
        made = [one for one in self._made if f"{one.expiry:%Y-%m-%d}" == expiry and fault != "empty"]
        rows: dict[int, dict[str, Any]] = {}
        for one in made:
            key = "NSE_INDEX|Nifty Bank" if fault == "other" else "NSE_INDEX|Nifty 50"
            row = rows.setdefault(
                one.strike,
                {
                    "expiry": expiry,
                    "pcr": 1.1,
                    "strike_price": float(one.strike),
                    "underlying_key": key,
                    "underlying_spot_price": option_files.SPOT,
                },
            )
            row["call_options" if one.is_call else "put_options"] = {
                "instrument_key": f"NSE_FO|{one.strike}",
                "market_data": {
                    "ltp": "1,5" if fault == "text" else one.last,
                    "volume": one.lots * option_files.LOT,
                    "oi": float(one.open_interest),
                    "close_price": 1.0,
                    "bid_price": one.bid,
                    "bid_qty": 65,
                    "ask_price": one.ask,
                    "ask_qty": 65,
                    "prev_oi": 0.0,
                },
                "option_greeks": {"iv": one.volatility, "delta": 0.5},
            }
        return json.dumps({"status": "success", "data": list(rows.values())}).encode()


def _handler(server: UpstoxServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            expiry = parse_qs(urlsplit(self.path).query)["expiry_date"][0]
            server.asked.append(expiry)
            server.headers.append(dict(self.headers))
            fault = server.fault_of(expiry)
            status = int(fault) if fault.isdigit() else 302 if fault == "redirect" else 200
            # Servers that refuse a request may quote it.
            body = f"{HTML} {self.headers['Authorization']}".encode()
            if status == 200 and fault not in ("html", "echo"):
                body = server.chain(expiry, fault)
            if fault == "echo":
                body = json.dumps({"status": "success", "data": f"{self.headers['Authorization']}"}).encode()
            self.send_response_only(status)
            if fault != "no date":
                self.send_header("Date", format_datetime(server.served.tz_convert("UTC").to_pydatetime(), usegmt=True))
            if fault == "redirect":
                self.send_header("Location", f"{server.address}?expiry_date=elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if fault == "slow":
                self._slowly(body)
            else:
                self.wfile.write(body)

        def _slowly(self, body: bytes) -> None:
            for byte in body:
                if server.released.wait(0.1):
                    return
                try:
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                except OSError:
                    return

        def log_message(self, *_: object) -> None:
            pass

    return Handler
