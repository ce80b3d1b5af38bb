"""Command line: ``python -m tools.chartdocs CHART`` writes both files and tells what changed."""

import json
import sys
from pathlib import Path

from tools.chartdocs import comments, schema, table


def generate(folder: Path) -> dict[Path, str]:
    """Make the generated files of a chart, by path, without writing them."""
    chart = comments.read((folder / "values.yaml").read_text())
    readme = folder / "README.md"
    return {
        folder / "values.schema.json": json.dumps(schema.build(chart), indent=2) + "\n",
        readme: table.insert(readme.read_text(), chart),
    }


def main(folder: Path) -> int:
    """Write the generated files of a chart."""
    try:
        files = generate(folder)
    except (comments.CommentError, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    for path, text in files.items():
        changed = not path.exists() or path.read_text() != text
        path.write_text(text)
        print(f"{path}: {'written' if changed else 'up to date'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
