"""An OpenID Connect provider for tests, which signs in whoever comes as one account."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "the-page"


class Provider:
    """Serves while the context lasts.

    Attributes:
        url: where it is.
        email: of the account that signs in.
    """

    def __init__(self, email: str) -> None:
        self.email, self._key, self._nonces = email, RSAKey.generate_key(2048, {"kid": "one"}), dict[str, str]()
        provider = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider._get(self)

            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
                provider._send(self, provider._token(form["code"][0]))

            def log_message(self, *arguments: Any) -> None:
                """Nothing."""

        self._server = HTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Provider:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._server.shutdown()

    def _get(self, request: BaseHTTPRequestHandler) -> None:
        path, query = urlsplit(request.path).path, parse_qs(urlsplit(request.path).query)
        if path == "/authorize":  # nobody is asked for a password here
            code = f"code-{len(self._nonces)}"
            self._nonces[code] = query["nonce"][0]
            request.send_response(302)
            back = urlencode({"code": code, "state": query["state"][0]})
            request.send_header("Location", f"{query['redirect_uri'][0]}?{back}")
            request.end_headers()
        elif path == "/keys":
            self._send(request, {"keys": [self._key.as_dict(private=False)]})
        else:
            self._send(request, self._metadata())

    def _metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def _token(self, code: str) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT,
            "sub": self.email,
            "email": self.email,
            "email_verified": True,
            "nonce": self._nonces[code],
        }
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, {**claims, "iat": now, "exp": now + 600}, self._key)
        return {"access_token": "a", "token_type": "Bearer", "expires_in": 600, "id_token": signed}

    def _send(self, request: BaseHTTPRequestHandler, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        request.send_response(200)
        request.send_header("Content-Type", "application/json")
        request.end_headers()
        request.wfile.write(body)
