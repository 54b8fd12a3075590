"""A loopback server that stands for GitHub's API of issues and contents, its raw files, and a monitor's heartbeat."""

import json
import re
import subprocess
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

REPOSITORY = "owner/aegis"
TOKEN = "token-of-the-job"


@dataclass
class Issue:
    title: str
    body: str
    comments: list[str] = field(default_factory=list)
    state: str = "open"
    pull: bool = False


class GitHubServer:
    """Keeps ``issues`` (number 1 first) and ``files`` (path -> bytes); ``beats`` counts heartbeats.

    origin: the repository whose contents it gives. disabled: whether issues are switched off.

    has_pages: whether GitHub Pages is switched on; then it serves the branch ``site`` of ``origin`` under /pages/.

    faults: what happens to the next requests, one each: a status, "drop" (no answer), "lost" (done, but not answered),
    "nonsense", "limited". calls: method and path of every request.
    """

    def __init__(self) -> None:
        self.issues: list[Issue] = []
        self.files: dict[str, bytes] = {}
        self.origin: Path | None = None
        self.faults: list[int | str] = []
        self.calls: list[str] = []
        self.tokens: list[str | None] = []
        self.beats = 0
        self.disabled = False
        self.has_pages = False
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    def environment(self) -> dict[str, str]:
        """What a job of GitHub Actions has set."""
        return {"GITHUB_API_URL": self.address, "GITHUB_REPOSITORY": REPOSITORY, "no_proxy": "*", "NO_PROXY": "*"}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        with self._lock:
            body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
            self.calls.append(f"{handler.command} {handler.path}")
            self.tokens.append(handler.headers.get("Authorization"))
            fault = self.faults.pop(0) if self.faults else None
            if fault == "drop":
                handler.close_connection = True
            elif fault == "lost":
                self._done(handler.command, handler.path, body)
                handler.close_connection = True
            elif fault == "nonsense":
                _send(handler, 200, b"<html>We are sorry</html>")
            elif fault == "limited":
                _send(handler, 403, b'{"message": "API rate limit exceeded"}', {"x-ratelimit-remaining": "0"})
            elif isinstance(fault, int):
                elsewhere = {"Location": f"{self.address}/elsewhere"} if 300 <= fault < 400 else {}
                _send(handler, fault, b'{"message": "Resource not accessible by integration"}', elsewhere)
            else:
                status, content = self._done(handler.command, handler.path, body)
                _send(handler, status, content)

    def _done(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        parts = urlsplit(path)
        if parts.path == "/beat":
            self.beats += 1
            return 200, b"ok"
        if parts.path in self.files:
            return 200, self.files[parts.path]
        if parts.path.startswith(f"/repos/{REPOSITORY}/contents/"):
            assert self.origin is not None, "a repository is asked for"
            return _found(self.origin, parts.path.partition("/contents/")[2], parse_qs(parts.query)["ref"][0])
        if parts.path == f"/repos/{REPOSITORY}":
            return 200, json.dumps({"full_name": REPOSITORY, "has_pages": self.has_pages}).encode()
        if parts.path.startswith("/pages/"):
            name = parts.path.removeprefix("/pages/") or "index.html"
            return _found(self.origin, name, "site") if self.has_pages and self.origin else (404, b"no page")
        issues = f"/repos/{REPOSITORY}/issues"
        if self.disabled and parts.path.startswith(issues):
            return 410, b'{"message": "Issues has been disabled in this repository."}'
        one = re.fullmatch(rf"{issues}/(\d+)", parts.path)
        if method == "PATCH" and one:
            self.issues[int(one[1]) - 1].state = json.loads(body)["state"]
            return 200, json.dumps({"number": int(one[1])}).encode()
        comment = re.fullmatch(rf"{issues}/(\d+)/comments", parts.path)
        if method == "GET" and comment:
            posted = [{"body": text} for text in self.issues[int(comment[1]) - 1].comments]
            return 200, json.dumps(_page(posted, parts.query)).encode()
        if method == "POST" and comment:
            self.issues[int(comment[1]) - 1].comments.append(json.loads(body)["body"])
            return 201, b'{"id": 1}'
        if parts.path != issues:
            return 404, b'{"message": "Not Found"}'
        if method == "POST":
            asked = json.loads(body)
            self.issues.append(Issue(asked["title"], asked["body"]))
            return 201, json.dumps({"number": len(self.issues)}).encode()
        query = parse_qs(parts.query)
        assert (query["state"], query["sort"], query["direction"]) == (["open"], ["created"], ["asc"])
        listed = [_listed(number, issue) for number, issue in enumerate(self.issues, 1) if issue.state == "open"]
        return 200, json.dumps(_page(listed, parts.query)).encode()


def _found(origin: Path, path: str, branch: str) -> tuple[int, bytes]:
    """A file of a branch, as the contents API gives it in the raw media type."""
    command = ["git", "cat-file", "blob", f"refs/heads/{branch}:{path}"]
    done = subprocess.run(command, cwd=origin, capture_output=True, check=False, timeout=20)
    return (404, b'{"message": "Not Found"}') if done.returncode else (200, done.stdout)


def _listed(number: int, issue: Issue) -> dict[str, Any]:
    shown = {"number": number, "title": issue.title, "body": issue.body, "comments": len(issue.comments)}
    return shown | ({"pull_request": {}} if issue.pull else {})


def _page(listed: list[dict[str, Any]], query: str) -> list[dict[str, Any]]:
    asked = parse_qs(query)
    size, page = int(asked["per_page"][0]), int(asked["page"][0])
    return listed[(page - 1) * size : page * size]


def _handler(server: GitHubServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.answer(self)

        do_POST = do_PATCH = do_GET  # noqa: N815

        def log_message(self, *_arguments: Any) -> None:
            pass

    return Handler


def _send(handler: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
    handler.send_response(status)
    for name, value in (headers or {}).items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
