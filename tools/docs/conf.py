"""How Sphinx makes the site; its source is the repository, so that a link leads to the same page as on a forge."""

from pathlib import Path

project = "ml-api"
html_title = "ml-api"
html_show_copyright = False
html_show_sphinx = False

root_doc = "docs/index"
include_patterns = ["*.md", "docs/**.md", "charts/ml-api/README.md", "examples/README.md"]
# What make and others put there is no page.
exclude_patterns = [".*", "bin", "build", "dist", "model", "artifacts", "tests", "service", "tools", "bench"]

extensions = ["myst_parser"]
# As GitHub names headings, so that a link to one works in both places.
myst_heading_anchors = 4
# The picture of the imports is shown as its source: what would draw it comes from the internet.
suppress_warnings = ["misc.highlighting_failure"]

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_search_scorer = str(Path(__file__).with_name("scorer.js"))
html_copy_source = False
html_show_sourcelink = False
html_use_index = False
templates_path = ["templates"]
# The pages lie as the files do; who opens the folder is led to the first one.
html_additional_pages = {"index": "first.html"}
