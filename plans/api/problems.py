"""What a program is told when its request is refused: `application/problem+json`, as RFC 9457 has it."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from django.http import JsonResponse

MEDIA_TYPE = "application/problem+json"


class Refused(Exception):
    """A request that is not answered: its status, a sentence, {parameter: what is wrong with it}, and headers."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        errors: Mapping[str, Sequence[str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ):
        super().__init__(detail)
        self.status, self.detail, self.errors, self.headers = status, detail, errors or {}, headers or {}

    def response(self) -> JsonResponse:
        """Return the answer."""
        problem: dict[str, object] = {"type": "about:blank", "title": self.status.phrase, "status": self.status.value}
        problem |= {"detail": self.detail}
        if self.errors:
            problem["errors"] = [
                {"parameter": name, "detail": detail} for name, details in self.errors.items() for detail in details
            ]
        return JsonResponse(problem, status=self.status, content_type=MEDIA_TYPE, headers=dict(self.headers))


def not_found(detail: str) -> Refused:
    """Return the refusal of what is not there, or not for this person."""
    return Refused(HTTPStatus.NOT_FOUND, detail)


def wrong_parameters(errors: Mapping[str, Sequence[str]]) -> Refused:
    """Return the refusal of parameters that are unknown or wrong."""
    return Refused(HTTPStatus.BAD_REQUEST, "Some parameters are wrong. Nothing was left out in silence.", errors)
