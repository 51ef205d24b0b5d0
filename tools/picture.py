"""`python -m benchmarks.serving python tools/picture.py`: takes the README's picture of the overview anew."""

import os
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "overview.png"


def main():
    """Photograph the overview as it is right after loading the plan, on a desktop in daylight."""
    chromium = os.environ.get("CHROME_PATH") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 860}, color_scheme="light")
        page.goto(f"{os.environ['TRACKER_URL']}/plans/year-two/")
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
