"""Pages in a real Chromium, opened from a file as a manager would."""

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
NAMES = ("scorecard", "scorecard-empty", "dedupe", "dedupe-empty")


@pytest.fixture(scope="module")
def files(pages: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every page as a file."""
    folder = tmp_path_factory.mktemp("pages")
    for name, html in pages.items():
        (folder / f"{name}.html").write_text(html, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in pages}


@pytest.mark.parametrize("name", NAMES)
def test_a_page_opens_without_a_word_to_anybody(chrome: Any, files: dict[str, Path], name: str) -> None:
    """No message on the console, no request but for the file itself, and its headings are there."""
    page = chrome.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(files[name].as_uri())
    assert said == []
    assert [url for url in asked if not url.startswith("data:")] == [files[name].as_uri()]
    assert page.locator("h1").count() == 1
    assert page.locator("h2").count() >= 6
    page.close()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [1280, 768])
def test_a_page_fits_its_window(chrome: Any, files: dict[str, Path], name: str, width: int) -> None:
    """Nobody has to scroll sideways, on a desk or on a tablet, with everything unfolded."""
    page = chrome.new_page(viewport={"width": width, "height": 900})
    page.goto(files[name].as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


CONTRAST = """() => {
  const rgb = text => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const linear = v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = c => { const [r, g, b] = rgb(c).map(linear); return .2126 * r + .7152 * g + .0722 * b; };
  const ground = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
    if (!/, 0\\)$/.test(c) && c.startsWith('rgb')) return c; } return 'rgb(255, 255, 255)'; };
  const words = e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
  const faint = [];
  for (const e of document.querySelectorAll('body *:not(svg *)')) {
    if (!words(e) || e.closest('.skip, [hidden], .overlap td')) continue;
    const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) faint.push(e.className + ' ' + e.textContent.trim().slice(0, 40));
  }
  return [...new Set(faint)];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["scorecard", "dedupe"])
def test_every_word_can_be_read(chrome: Any, files: dict[str, Path], name: str, scheme: str) -> None:
    """Contrast of at least 4.5 to 1 between words and what is behind them (WCAG 2.2, 1.4.3), light and dark."""
    page = chrome.new_page(color_scheme=scheme)
    page.goto(files[name].as_uri())
    assert page.evaluate(CONTRAST) == []
    page.close()


def test_the_scorecard_prints(chrome: Any, files: dict[str, Path]) -> None:
    """It can be printed to PDF, with what is folded on screen unfolded on paper."""
    page = chrome.new_page()
    page.goto(files["scorecard"].as_uri())
    folded = page.evaluate("document.documentElement.scrollHeight")
    assert page.pdf(format="A4")[:5] == b"%PDF-"
    page.emulate_media(media="print")
    assert page.locator("details:not([open]) table").first.is_visible()
    assert page.locator("nav.contents").is_hidden()
    assert folded > 0
    page.close()
