"""`actlab schema`: what editors complete and check a config from."""

from __future__ import annotations

import json


def schema() -> None:
    """Print the JSON Schema of a config.

    Save it as actlab.schema.json; a first line `# yaml-language-server: $schema=actlab.schema.json`
    then makes editors complete and check the config.
    """
    from actlab.claims.claim import Claims
    from actlab.experiment import Experiment
    from actlab.sweeping.spec import Sweep, Tune

    found = Experiment.model_json_schema()
    found["properties"]["sweep"] = Sweep.model_json_schema()
    found["properties"]["tune"] = Tune.model_json_schema()
    claims = Claims.model_json_schema()
    found["properties"] |= claims["properties"]
    found["$defs"] |= claims["$defs"]
    found["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    print(json.dumps(found, indent=2))
