"""The picture of the page that opens the README shows the page as it is."""

from hashlib import sha256

from benchmarks.page_picture import PICTURE, page, page_of


def test_the_picture_is_of_the_page_of_today() -> None:
    remedy = "docs/page.png is not up to date: run python -m benchmarks.page_picture"
    assert page_of(PICTURE.read_bytes()) == sha256(page()).hexdigest(), remedy


def test_the_picture_opens_the_readme() -> None:
    readme = (PICTURE.parents[1] / "README.md").read_text(encoding="utf-8")
    assert readme.index("(docs/page.png)") < readme.index("\n## ")
