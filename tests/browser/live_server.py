"""The server of browser tests, which answers one request after the other where all share one connection."""

from threading import Lock

from django.test.testcases import LiveServerThread, ThreadedWSGIServer


class OneAtATime(ThreadedWSGIServer):
    """A server that never runs two requests at once on the connection of the tests.

    On an SQLite database in memory Django's own lets its threads work in one transaction: a form that is sent twice
    reads what the first has not committed. A real site has a connection for each request.
    """

    def set_app(self, application):
        """Serve `application`, wholly under a lock if the connection is shared."""
        super().set_app(_under_a_lock(application) if self.connections_override else application)


def _under_a_lock(application):
    lock = Lock()

    def answer(environ, start_response):
        with lock:
            response = application(environ, start_response)
            try:
                return [*response]
            finally:
                response.close()

    return answer


def serve_one_at_a_time():
    """Have every live server started from now on be such a server."""
    LiveServerThread.server_class = OneAtATime
