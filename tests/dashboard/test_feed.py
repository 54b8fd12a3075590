"""The feed: a valid Atom document with an entry for each close, of the record's rows alone."""

from dataclasses import replace
from datetime import datetime
from xml.etree import ElementTree

from made_record import BREAKOUT, DAYS, NEAREST, NEXT, STYLE, Decided, example, inside, ledger, made

from aegismatrix_engine.dashboard.feed import ENTRIES, feed
from aegismatrix_engine.record.kept_record import kept_record

ATOM = "{http://www.w3.org/2005/Atom}"
SITE = "https://owner.example/name"


def parsed(*rows: Decided, index: str = "NIFTY 50", site_url: str | None = SITE, repository: str | None = None):
    record = kept_record(ledger(rows), "nifty50")
    content = feed(example(), record, index=index, style=STYLE, site_url=site_url, repository=repository)
    return ElementTree.fromstring(content)


def entries(root: ElementTree.Element) -> list[dict[str, str]]:
    return [{one.tag.removeprefix(ATOM): one.text or "" for one in entry} for entry in root.iter(f"{ATOM}entry")]


def assert_atom(root: ElementTree.Element) -> None:
    """What RFC 4287 demands of a feed and of its entries."""
    assert root.tag == f"{ATOM}feed"
    for element in (root, *root.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            (found,) = element.findall(f"{ATOM}{name}")
            assert found.text
        assert datetime.fromisoformat(element.findtext(f"{ATOM}updated") or "").tzinfo is not None
        assert len([link for link in element.findall(f"{ATOM}link") if link.get("rel") == "alternate"]) == 1
        assert all(link.get("href") for link in element.findall(f"{ATOM}link"))
    assert root.find(f"{ATOM}author/{ATOM}name") is not None
    ids = [one.text for one in root.iter(f"{ATOM}id")]
    assert len(ids) == len(set(ids))
    assert all(one is not None and one.startswith("urn:uuid:") for one in ids)


ROWS = (
    made(-3, 1, "1", "17990", **NEXT),
    made(-3, 1, "0", "0.01", **BREAKOUT),
    made(-2, 1, None, **NEXT),
    made(-2, 3, None, **NEAREST),
    made(-2, 1, None, **BREAKOUT),
)


def test_the_feed_is_atom_with_an_entry_for_each_close_the_newest_first() -> None:
    root = parsed(*ROWS, repository="owner/name")
    assert_atom(root)
    titles = [entry["title"] for entry in entries(root)]
    assert titles == [
        "NIFTY 50 closed at 18,105.30 on 30 Dec 2022",
        "NIFTY 50 closed at 18,000.00 on 29 Dec 2022",
        "NIFTY 50 closed at 18,000.00 on 28 Dec 2022",
    ]
    related = [link.get("href") for link in root.iter(f"{ATOM}link") if link.get("rel") == "related"]
    assert related[1] == (
        "https://github.com/owner/name/commits/published/aegismatrix.json?since=2022-12-29&until=2022-12-29"
    )
    (own,) = (link.get("href") for link in root.findall(f"{ATOM}link") if link.get("rel") == "self")
    assert own == f"{SITE}/feed.xml"


def test_an_entry_says_what_was_forecast_at_its_close_and_whether_the_range_before_held() -> None:
    assert entries(parsed(*ROWS))[1]["content"] == (
        "The close was inside the 80 % range of the close before, 17,900 to 18,100. "
        "80 % range of the close on 30 Dec 2022 (next session): 17,900 to 18,100. "
        "80 % range of the close on 3 Jan 2023 (nearest expiry): 17,900 to 18,100. "
        "Chance of a breakout on 30 Dec 2022: 30 %, in the long run 70 %."
    )


def test_the_documents_own_close_is_an_entry_before_the_record_has_it() -> None:
    newest = entries(parsed())
    assert [entry["title"] for entry in newest] == ["NIFTY 50 closed at 18,105.30 on 30 Dec 2022"]
    assert newest[0]["updated"] == example().generated_at
    recorded = entries(parsed(made(-1, 1, None, **NEXT)))
    assert [(entry["title"], entry["id"]) for entry in recorded] == [
        ("NIFTY 50 closed at 18,000.00 on 30 Dec 2022", newest[0]["id"])
    ]


def test_no_entry_is_made_of_a_session_a_night_or_a_replay() -> None:
    row, came = made(-4, 1, None, **NEXT)
    session = inside((row, came), "10:15")
    night = replace(row, as_of=f"{DAYS[-3]}T01:30:00+05:30"), None
    replay = replace(made(-5, 1, None, **NEXT)[0], standing="replay"), None
    assert len(entries(parsed(session, night, replay))) == 1


def test_an_entry_is_updated_when_what_it_says_was_last_written_down_never_by_a_clock() -> None:
    root = parsed(*ROWS)
    assert [entry["updated"] for entry in entries(root)] == [
        example().generated_at,
        "2022-12-29T16:10:00+05:30",
        "2022-12-28T16:05:00+05:30",
    ]
    assert root.findtext(f"{ATOM}updated") == example().generated_at
    assert ElementTree.tostring(parsed(*ROWS)) == ElementTree.tostring(parsed(*reversed(ROWS)))


def test_an_entry_keeps_its_id_while_the_record_grows_and_another_site_has_others() -> None:
    before = {entry["title"]: entry["id"] for entry in entries(parsed(*ROWS[:2]))}
    after = {entry["title"]: entry["id"] for entry in entries(parsed(*ROWS))}
    assert before.items() <= after.items()
    elsewhere = {entry["id"] for entry in entries(parsed(*ROWS, site_url="https://other.example/"))}
    assert not elsewhere & set(after.values())


def test_an_entry_stays_as_it_is_while_it_ages() -> None:
    rows = [made(day, 1, "1", "18000", **NEXT) for day in range(-80, -2)]
    early, late = ({entry["id"]: entry for entry in entries(parsed(*rows[:end]))} for end in (-ENTRIES + 3, None))
    aged = [name for name in early if name in late]
    assert len(aged) > 2
    assert [name for name in aged if early[name] != late[name]] == []
    assert all(
        "inside the 80 % range" in early[name]["content"] for name in aged if "30 Dec" not in early[name]["title"]
    )


def test_the_feed_is_short_whatever_the_record() -> None:
    assert len(entries(parsed(*(made(day, 1, None, **NEXT) for day in range(-80, -1))))) == ENTRIES


def test_without_an_address_links_are_relative() -> None:
    root = parsed(*ROWS, site_url=None)
    assert_atom(root)
    assert {link.get("href") for link in root.findall(f"{ATOM}link")} == {"./"}


def test_a_name_that_is_markup_is_text() -> None:
    root = parsed(*ROWS, index="A & B <script>\"'")
    assert entries(root)[1]["title"].startswith("A & B <script>\"' closed at")


def test_words_are_neutral() -> None:
    words = " ".join(value for entry in entries(parsed(*ROWS)) for value in entry.values()).lower()
    for label in ("safe", "buy", "sell", "caution", "waste", "favourable", "neutral", "green"):
        assert label not in words
