"""Import this first: it spares every process a second, for a grammar that jsonschema would build for nothing.

jsonschema imports `rfc3987_syntax` where it is installed (it comes with Jupyter) to check internationalised
addresses, which notebooks have none of, and that package compiles its grammar whenever it is imported.
"""

import sys

sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # None: not to be imported
