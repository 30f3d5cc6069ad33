#!/usr/bin/env python3
"""What an institution has signed about a clinician, checked from the standards alone: a second implementation, on
nothing but Ed25519 from `cryptography` (W3C Verifiable Credentials 2.0, Data Integrity eddsa-jcs-2022, Bitstring Status
List; RFC 8785).

Usage: attestation.py BASE USER            finds the statement on the clinician's page, and fetches all that it points to
       attestation.py --files STATEMENT ISSUER LIST...    the same from files, without any network"""
import base64
import gzip
import hashlib
import json
import re
import socket
import sys
import urllib.request
from datetime import datetime, timedelta, timezone
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

# RFC 6761: names below localhost are this machine, whatever the system's resolver thinks of them.
real = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: real("127.0.0.1" if str(host).endswith(".localhost") else host, *rest, **more)

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
CLOCKS = timedelta(minutes=5)


class Wrong(Exception):
    """Why something does not hold."""


def require(fine, words):
    if not fine:
        raise Wrong(words)


def strict(text):
    """JSON of which there is only one reading."""

    def members(pairs):
        require(len({name for name, _ in pairs}) == len(pairs), "a name twice in one object")
        return dict(pairs)

    return json.loads(text, object_pairs_hook=members)


def canonical(value):
    """RFC 8785, for what such documents are made of: names in ASCII, whole numbers, words."""

    def plain(value):
        if isinstance(value, dict):
            require(all(name.isascii() for name in value), "a name that is not ASCII sorts differently")
            return all(plain(one) for one in value.values())
        if isinstance(value, list):
            return all(plain(one) for one in value)
        if isinstance(value, (bool, str)) or value is None:
            return True
        return isinstance(value, int) and abs(value) <= 2**53

    require(plain(value), "a number that is not whole has another canonical form")
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def base58(text):
    number = 0
    for letter in text:
        number = number * 58 + ALPHABET.index(letter)
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def time(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def origin(address):
    parts = urlsplit(address)
    return parts.scheme, parts.netloc


def signed(document, issuer, now):
    """Whether a key that the issuer lists, and has not ended, has signed the document."""
    proof = dict(document["proof"])
    expected = {"type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022", "proofPurpose": "assertionMethod"}
    require(all(proof.get(name) == value for name, value in expected.items()), "another kind of proof")
    require(time(proof["created"]) <= now + CLOCKS, "the proof is from the future")
    method = proof["verificationMethod"]
    require(origin(method) == origin(issuer["id"]), "the key is on another server than the issuer")
    keys = [key for key in issuer["assertionMethod"] if key["id"] == method]
    require(len(keys) == 1 and keys[0]["type"] == "Multikey", "the issuer does not list the key")
    require(keys[0]["controller"] == issuer["id"], "the key is controlled by somebody else")
    require("revoked" not in keys[0] and "expires" not in keys[0], "the issuer has ended the key")
    key = base58(keys[0]["publicKeyMultibase"].removeprefix("z"))
    require(key[:2] == b"\xed\x01" and len(key) == 34, "not an Ed25519 key")
    signature = base58(proof.pop("proofValue").removeprefix("z"))
    require(proof["@context"] == document["@context"], "the proof was made under another context")
    bare = {name: value for name, value in document.items() if name != "proof"}
    data = hashlib.sha256(canonical(proof)).digest() + hashlib.sha256(canonical(bare)).digest()
    try:
        Ed25519PublicKey.from_public_bytes(key[2:]).verify(signature, data)
    except InvalidSignature:
        raise Wrong("the signature is not over this document") from None


def timely(document, now):
    require(time(document["validFrom"]) <= now + CLOCKS, "not valid yet")
    require(time(document["validUntil"]) > now - CLOCKS, "no longer valid")


def bit(entry, issuer, lists, now):
    """The bit of a statement in one list, and how many bits that list has."""
    require(entry["type"] == "BitstringStatusListEntry", "another kind of status")
    address = entry["statusListCredential"]
    listed = lists[address]
    require(listed["id"] == address and listed["issuer"] == issuer["id"], "the list is somebody else's")
    require("BitstringStatusListCredential" in listed["type"], "not a list")
    signed(listed, issuer, now)
    timely(listed, now)
    subject = listed["credentialSubject"]
    require(subject["statusPurpose"] == entry["statusPurpose"], "the list is for another purpose")
    require(subject["encodedList"][0] == "u", "not multibase base64url")
    packed = subject["encodedList"][1:]
    bits = gzip.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    require(len(bits) * 8 >= 131_072, "the list is too short to hide anybody in it")
    require(isinstance(entry["statusListIndex"], str), "the index has to be text")
    index = int(entry["statusListIndex"])
    return bits[index // 8] >> (7 - index % 8) & 1, len(bits) * 8


def check(statement, issuer, lists, now):
    require(statement["@context"][0] == "https://www.w3.org/ns/credentials/v2", "another first context")
    require({"VerifiableCredential", "PractitionerCredential"} <= set(statement["type"]), "another type")
    require(statement["issuer"]["id"] == issuer["id"], "of another issuer")
    signed(statement, issuer, now)
    timely(statement, now)
    purposes = []
    for entry in statement["credentialStatus"]:
        taken_back, _ = bit(entry, issuer, lists, now)
        require(not taken_back, f"the list of {entry['statusPurpose']} has its bit set")
        purposes.append(entry["statusPurpose"])
    require(sorted(purposes) == ["revocation", "suspension"], f"lists of {purposes}")


def refused(words, *arguments):
    try:
        check(*arguments)
    except (Wrong, InvalidSignature):
        return
    sys.exit(f"this passes, and must not: {words}")


def fetch(address, kind):
    request = urllib.request.Request(address, headers={"Accept": kind})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20) as answer:
        return answer.read(), answer.headers


def fetched(base, user):
    """The statement on somebody's page with everything that it points to, by the network."""
    page, _ = fetch(f"{base}/@{user}", "text/html")
    token = re.search(r'/verify/([A-Za-z0-9_-]{22,})', page.decode())
    require(token, f"nothing is stated about {user} at {base}, so nothing was checked")
    body, headers = fetch(f"{base}/attestations/{token.group(1)}", "application/vc")
    require(headers["Content-Type"] == "application/vc", f"sent as {headers['Content-Type']}")
    statement = strict(body)
    require(canonical(statement) == body, "not sent in canonical form")
    require(statement["credentialSubject"]["id"] == f"{base}/users/{user}", f"of somebody else than {user}")
    issuer = strict(fetch(statement["issuer"]["id"], "application/activity+json")[0])
    lists = {}
    for entry in statement["credentialStatus"]:
        body, headers = fetch(entry["statusListCredential"], "application/vc")
        require("max-age=" in headers["Cache-Control"] and len(body) < 50_000, "the list is not made to be kept")
        lists[entry["statusListCredential"]] = strict(body)
    return statement, issuer, lists


def from_files(paths):
    documents = []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            documents.append(strict(file.read()))
    return documents[0], documents[1], {one["id"]: one for one in documents[2:]}


def main():
    files = len(sys.argv) > 4 and sys.argv[1] == "--files"
    if not files and len(sys.argv) != 3:
        sys.exit(__doc__)
    now = datetime.now(timezone.utc)
    try:
        statement, issuer, lists = from_files(sys.argv[2:]) if files else fetched(*sys.argv[1:3])
        check(statement, issuer, lists, now)
    except Wrong as why:
        sys.exit(f"WRONG: {why}")
    # A check that lets everything pass proves nothing.
    copy = lambda value: json.loads(json.dumps(value))
    touched = copy(statement)
    touched["credentialSubject"]["name"] += "x"
    refused("another name", touched, issuer, lists, now)
    other = copy(issuer)
    other["assertionMethod"] = []
    refused("a key that is not listed", statement, other, lists, now)
    address = statement["credentialStatus"][0]["statusListCredential"]
    longer = copy(lists)
    longer[address]["validUntil"] = "2999-01-01T00:00:00Z"
    refused("a list made to last", statement, issuer, longer, now)
    refused("a statement after its end", statement, issuer, lists, time(statement["validUntil"]) + CLOCKS)
    said = statement["credentialSubject"]
    print(f"OK: {issuer['name']} states of {said['name']} ({said['discipline']}) what holds until {statement['validUntil']}.")


if __name__ == "__main__":
    main()
