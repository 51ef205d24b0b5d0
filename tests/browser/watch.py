"""What goes wrong in a browser while nobody looks: console errors, failed requests, other hosts."""

import re
from urllib.parse import urlsplit

# A list that is asked for anew is no longer waited for, and a download leaves its page: both are meant.
CANCELLED = "net::ERR_ABORTED"
# What htmx writes into the console when it gives up a request for a newer one.
GIVEN_UP = ("htmx:afterRequest,", "htmx:sendAbort,")


class Watch:
    """Notes the troubles of the pages of a context, but for those that `allow` names."""

    def __init__(self, context, site):
        self.site, self.allowed, self.noted, self.requests = urlsplit(site).netloc, [], [], []
        context.on("console", self._console)
        context.on("weberror", lambda error: self._note(f"script: {error.error.message}"))
        context.on("request", self._request)
        context.on("requestfailed", self._failed)
        context.on("response", self._response)

    def allow(self, *patterns):
        """Let troubles that these regular expressions find pass: the test brings them about itself."""
        self.allowed += patterns

    @property
    def troubles(self):
        """What went wrong and was not allowed, in order."""
        return [one for one in self.noted if not any(re.search(pattern, one) for pattern in self.allowed)]

    def _note(self, trouble):
        self.noted.append(trouble)

    def _console(self, message):
        # Chromium says here, too, what the Content-Security-Policy refused.
        if message.type in {"error", "warning"} and not message.text.startswith(GIVEN_UP):
            self._note(f"console: {message.text} ({message.location.get('url', '')})")

    def _request(self, request):
        self.requests.append(request)
        address = urlsplit(request.url)
        if address.scheme not in {"data", "blob", "about"} and address.netloc != self.site:
            self._note(f"another host: {request.url}")

    def _failed(self, request):
        if request.failure != CANCELLED:
            self._note(f"failed: {request.failure} {request.url}")

    def _response(self, response):
        if response.status >= 400:
            self._note(f"answered {response.status}: {response.url}")
