"""LiteLLM's proxy, once for each list of arguments: forks of one process that has loaded it, most of a start's cost.

`python gateways.py '[["--config", …], …]'` is `litellm --config …` for each. It ends when the first of them does.
"""

from __future__ import annotations

import json
import os
import sys

from litellm import run_server
from litellm.proxy import proxy_server  # noqa: F401 (loaded for all; it reads the environment, which they have in common)

for arguments in json.loads(sys.argv[1]):
    if not os.fork():
        sys.argv = ["litellm", *arguments]
        run_server()
        sys.exit(1)
sys.exit(f"one of them ended with {os.waitstatus_to_exitcode(os.wait()[1])}")
