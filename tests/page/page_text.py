"""A page as its bytes have it, without a browser: marked numbers, texts, policy."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "br", "img", "link", "hr", "input", "col", "wbr"})
UNREAD = frozenset({"script", "style", "title", "head"})


@dataclass(frozen=True)
class MarkedNumber:
    """A number of the page with what it says of itself: ``data-field``, ``data-form`` and its text."""

    path: str
    form: str
    text: str


@dataclass
class Element:
    """An element that is open while the page is read."""

    tag: str
    attributes: dict[str, str]
    text: list[str] = field(default_factory=list)


class PageText(HTMLParser):
    """A page that was read once; elements must close in order.

    Attributes:
        numbers: all marked numbers, in their order.
        unmarked: the other texts, those of pictures and of explanations left out.
        ids: of all elements.
        metas: name or http-equiv -> content.
        styles, scripts: texts of the inline blocks.
        root: attributes of the html element.
    """

    def __init__(self, page: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[Element] = []
        self.numbers: list[MarkedNumber] = []
        self.unmarked: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.metas: dict[str, str] = {}
        self.styles: list[str] = []
        self.scripts: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.root: dict[str, str] = {}
        self.feed(page.decode("utf-8"))
        self.close()
        assert not self.open, f"never closed: {[one.tag for one in self.open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.attributes += [(tag, name, value) for name, value in found.items()]
        if tag == "html":
            self.root = found
        if tag == "meta":
            self.metas[found.get("name") or found.get("http-equiv", "").lower()] = found.get("content", "")
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "a":
            self.links.append(found.get("href", ""))
        if tag not in VOID:
            self.open.append(Element(tag, found))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        closed = self.open.pop()
        assert closed.tag == tag, f"</{tag}> closes <{closed.tag}>"
        text = "".join(closed.text)
        if "data-field" in closed.attributes:
            self.numbers.append(MarkedNumber(closed.attributes["data-field"], closed.attributes["data-form"], text))
        elif tag == "style":
            self.styles.append(text)
        elif tag == "script":
            self.scripts.append(text)

    def handle_data(self, data: str) -> None:
        if not self.open:
            return
        self.open[-1].text.append(data)
        inside = {one.tag for one in self.open}
        marked = any("data-field" in one.attributes for one in self.open)
        explained = any("method" in one.attributes.get("class", "").split() for one in self.open)
        if not marked and not explained and not inside & {*UNREAD, "svg"} and data.strip():
            self.unmarked.append(re.sub(r"\s+", " ", data).strip())
