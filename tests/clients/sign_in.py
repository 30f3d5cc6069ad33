"""Signs in as a person does: an app is registered, its page is read, the plain form is sent (RFC 6749 and 7636).

Usage: sign_in.py BASE USER PASSWORD, which prints a token."""
import base64
import hashlib
import html
import re
import secrets
import socket
import sys

import requests

SCOPES = "read write follow push"
HERE = "urn:ietf:wg:oauth:2.0:oob"

# RFC 6761: names below localhost are this machine, whatever the system's resolver thinks of them.
real = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: real("127.0.0.1" if str(host).endswith(".localhost") else host, *rest, **more)


def proof():
    """A PKCE verifier and its S256 challenge."""
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return verifier, challenge


def consent(base, user, password, address):
    """Signs in and says yes, with plain forms and no script; returns the code."""
    browser = requests.Session()
    token = lambda page: re.search(r'name="csrf" value="([^"]+)"', page.text).group(1)
    page = browser.get(f"{base}/sign-in")
    browser.post(f"{base}/sign-in", {"csrf": token(page), "login": user, "password": password, "next": "/"})
    page = browser.get(address)
    fields = {n: html.unescape(v) for n, v in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text)}
    fields["answer"] = "allow"
    page = browser.post(f"{base}/oauth/authorize", fields)
    return re.search(r'<code id="code">([^<]+)</code>', page.text).group(1)


def exchange(base, client_id, client_secret, code, verifier):
    """The token for a code. Without the right verifier there is none."""
    form = {"grant_type": "authorization_code", "client_id": client_id, "client_secret": client_secret, "code": code, "redirect_uri": HERE}
    given = requests.post(f"{base}/oauth/token", {**form, "code_verifier": verifier})
    given.raise_for_status()
    return given.json()["access_token"]


def sign_in(base, user, password):
    """A token of somebody, for an app made for it."""
    form = {"client_name": "Script of a clinician", "redirect_uris": HERE, "scopes": SCOPES}
    app = requests.post(f"{base}/api/v1/apps", form).json()
    verifier, challenge = proof()
    query = {"response_type": "code", "client_id": app["client_id"], "redirect_uri": HERE, "scope": SCOPES, "code_challenge": challenge, "code_challenge_method": "S256"}
    address = requests.Request("GET", f"{base}/oauth/authorize", params=query).prepare().url
    return exchange(base, app["client_id"], app["client_secret"], consent(base, user, password, address), verifier)


if __name__ == "__main__":
    print(sign_in(*sys.argv[1:4]))
