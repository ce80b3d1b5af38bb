"""``python -m tools.docs FOLDER`` fails if a page of the site would load anything from elsewhere, or is not there."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.docs.loads import pages_of, strangers

folder = Path(sys.argv[1])
pages = pages_of(folder)
found = [f"{page.relative_to(folder)}: {address}" for page in pages for address in strangers(page.read_text())]
if found or not pages:
    print("\n".join(found) or f"there is no page in {folder}")
    sys.exit(1)
print(f"docs: {len(pages)} pages and styles, no broken link, nothing loaded from elsewhere: {folder}/index.html")
