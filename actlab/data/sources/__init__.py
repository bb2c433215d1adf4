"""One file per source of examples."""

from actlab.config import import_parts

import_parts(__name__, __path__)
