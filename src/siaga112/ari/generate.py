"""Generate the client's models, operations and objects: `python -m siaga112.ari.generate`.

    python -m siaga112.ari.generate [--api DIR] [--check]

DIR is Asterisk's rest-api folder (/usr/share/asterisk/rest-api on Debian). Without it the reduced
copy in `ari/api/` is read: the names and types of Asterisk 22.10.1, that the package was made from.
With `--check` nothing is written: exit 1 if a file differs from what would be written.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from siaga112.ari.generator import description, render_models, render_objects, render_operations

HERE = Path(__file__).parent
REDUCED = HERE / "api"


def generate(folder: Path) -> dict[Path, str]:
    """Return the text of every generated file, by its path below this package."""
    files = description.reduce(folder)
    api = description.understand(files)
    operations = render_operations.modules(api)
    return {
        **{Path("api", name): _json(content) for name, content in files.items()},
        Path("models.py"): render_models.models(api),
        **{Path("operations", name): text for name, text in operations.items()},
        Path("objects.py"): render_objects.objects(api),
    }


def _json(content: object) -> str:
    return json.dumps(content, indent=1) + "\n"


def stale(texts: dict[Path, str], target: Path) -> list[Path]:
    """List the files below `target` whose text is not the one given."""
    return [
        path
        for path, text in texts.items()
        if not (target / path).is_file() or (target / path).read_text("utf-8") != text
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m siaga112.ari.generate")
    parser.add_argument("--api", type=Path, default=REDUCED, metavar="DIR")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--into", type=Path, default=HERE, metavar="DIR", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    texts = generate(chosen.api)
    differing = stale(texts, chosen.into)
    for path in differing:
        sys.stderr.write(f"{'differs' if chosen.check else 'wrote'}: {path}\n")
        if not chosen.check:
            (chosen.into / path).parent.mkdir(parents=True, exist_ok=True)
            (chosen.into / path).write_text(texts[path], "utf-8")
    return 1 if chosen.check and differing else 0


if __name__ == "__main__":
    sys.exit(main())
