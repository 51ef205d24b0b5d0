"""`python -m rocc.probe`: asks the site on this machine whether it is ready; ends with 0 or 1, and its answer.

For the health check of a container: it calls the site by one of its own names, which others are refused by.
"""

import sys
from http.client import HTTPConnection, HTTPException

from rocc.environment import WrongEnvironment, read

SECONDS = 5


def ask(port, host):
    """Return (whether it is ready, what it said)."""
    connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", "/readyz", headers={"Host": host})
        response = connection.getresponse()
        return response.status == 200, response.read(200).decode("utf-8", "replace").strip()
    except (OSError, HTTPException) as error:
        return False, f"no answer on port {port}: {error}"
    finally:
        connection.close()


if __name__ == "__main__":
    try:
        environment = read()
    except WrongEnvironment as wrong:
        sys.exit(str(wrong))
    ready, said = ask(environment.port, environment.allowed_hosts[0].lstrip("."))
    sys.stdout.write(f"{said}\n")
    sys.exit(0 if ready else 1)
