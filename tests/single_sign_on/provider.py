"""An OpenID Connect provider with a tenant for each agency: strict about what it is asked, and able to misbehave."""

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec


class Tenant:
    """One agency's tenant. What it says can be set: `claims` replace those of the ID token, None leaves one out."""

    def __init__(self, name, address):
        self.name, self.issuer = name, f"{address}/{name}"
        self.client_id, self.client_secret = f"tracker-at-{name}", f"secret-of-{name}"
        self.site, self.subject, self.claims, self.discovery, self.error = "http://testserver", "subject-1", {}, {}, ""
        self.is_down, self.algorithm, self.codes, self.asked = False, "ES256", {}, []
        self.new_key()

    def new_key(self):
        """Sign with another key from now on, and publish that one only."""
        self.key, self.kid = ec.generate_private_key(ec.SECP256R1()), secrets.token_hex(4)

    def configuration(self):
        """Return what the tenant says about itself."""
        parts = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
        parts |= {"userinfo_endpoint": "userinfo", "end_session_endpoint": "end_session"}
        return {
            "issuer": self.issuer,
            **{name: f"{self.issuer}/{part}" for name, part in parts.items()},
        } | self.discovery

    def keys(self):
        """Return the public keys, as JWKS."""
        own = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**own, "kid": self.kid, "use": "sig", "alg": "ES256"}]}

    def authorize(self, asked):
        """Return where to go with a code, or with an error; raises `AssertionError` for what no client should ask."""
        self.asked.append(asked)
        assert asked["client_id"] == self.client_id, asked
        assert asked["redirect_uri"] == f"{self.site}/accounts/sso/{self.name}/callback/", asked
        assert (asked["response_type"], asked["scope"]) == ("code", "openid"), asked
        assert asked["code_challenge_method"] == "S256", asked
        assert len(asked["code_challenge"]) == 43, asked
        assert min(len(asked["state"]), len(asked["nonce"])) >= 16, asked
        if self.error:
            return f"{asked['redirect_uri']}?{urlencode({'error': self.error, 'state': asked['state']})}"
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}"

    def token(self, sent):
        """Return the tokens for a code, which works once and for whoever has the verifier of its challenge."""
        asked = self.codes.pop(sent["code"])
        digest = hashlib.sha256(sent["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"], "PKCE"
        assert (sent["client_id"], sent["client_secret"]) == (self.client_id, self.client_secret), sent
        assert (sent["grant_type"], sent["redirect_uri"]) == ("authorization_code", asked["redirect_uri"]), sent
        return {"access_token": "opaque", "token_type": "Bearer", "id_token": self.id_token(asked["nonce"])}

    def id_token(self, nonce):
        """Return an ID token, as the tenant was told to make it."""
        now = int(time.time())
        claims = {"iss": self.issuer, "sub": self.subject, "aud": self.client_id, "nonce": nonce}
        claims |= {"iat": now, "exp": now + 300} | self.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        key = {"none": None, "HS256": self.client_secret.ljust(32, "-")}.get(self.algorithm, self.key)
        return jwt.encode(claims, key, algorithm=self.algorithm, headers={"kid": self.kid})


class TestProvider:
    """A server with two tenants, `police` and `corrections`, on this machine."""

    __test__ = False

    def __init__(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        self.police, self.corrections = (Tenant(name, self.address) for name in ("police", "corrections"))
        self.server.tenants = {one.name: one for one in (self.police, self.corrections)}
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        tenant, part = self._asked_of()
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        if tenant.is_down:
            self._answer(503, {})
        elif part == ".well-known/openid-configuration":
            self._answer(200, tenant.configuration())
        elif part == "jwks":
            self._answer(200, tenant.keys())
        elif part == "authorize":
            self._strictly(lambda: self._answer(302, {}, location=tenant.authorize(query)))
        else:
            self._answer(404, {})

    def do_POST(self):
        tenant, _ = self._asked_of()
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        sent = {name: values[0] for name, values in parse_qs(body).items()}
        self._strictly(lambda: self._answer(200, tenant.token(sent)))

    def log_message(self, *args):
        """Say nothing."""

    def _asked_of(self):
        _, name, part = urlsplit(self.path).path.split("/", 2)
        return self.server.tenants[name], part

    def _strictly(self, answer):
        try:
            answer()
        except (AssertionError, KeyError) as error:
            self._answer(400, {"error": "invalid_request", "error_description": repr(error)})

    def _answer(self, status, said, location=""):
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)
