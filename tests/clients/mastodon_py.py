#!/usr/bin/env python3
"""Mastodon.py as a clinician's script would use it, against a running instance.

Usage: mastodon_py.py BASE USER PASSWORD [PEER_HANDLE]"""
import html
import re
import socket
import sys
import tempfile

import requests
from mastodon import Mastodon, MastodonNotFoundError, MastodonUnauthorizedError

BASE, USER, PASSWORD, PEER = (sys.argv + [""])[1:5]

# RFC 6761: names below localhost are this machine, whatever the system's resolver thinks of them.
real = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: real("127.0.0.1" if str(host).endswith(".localhost") else host, *rest, **more)


def consent(address):
    """Signs in and says yes, with plain forms and no script; returns the code."""
    browser = requests.Session()
    token = lambda page: re.search(r'name="csrf" value="([^"]+)"', page.text).group(1)
    page = browser.get(f"{BASE}/sign-in")
    browser.post(f"{BASE}/sign-in", {"csrf": token(page), "login": USER, "password": PASSWORD, "next": "/"})
    page = browser.get(address)
    fields = {n: html.unescape(v) for n, v in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text)}
    fields["answer"] = "allow"
    page = browser.post(f"{BASE}/oauth/authorize", fields)
    return re.search(r'<code id="code">([^<]+)</code>', page.text).group(1)


folder = tempfile.mkdtemp()
scopes = ["read", "write", "follow"]
client_id, client_secret = Mastodon.create_app("Script of a clinician", scopes=scopes, api_base_url=BASE)
api = Mastodon(client_id=client_id, client_secret=client_secret, api_base_url=BASE, version_check_mode="none")
code = consent(api.auth_request_url(scopes=scopes, allow_http=True))
api.log_in(code=code, scopes=scopes, allow_http=True)
me = api.account_verify_credentials()
assert me.acct == USER, me
assert api.instance_v1().uri == api.instance_v2().domain == BASE.split("//")[1]

post = api.status_post("From a script: 0.123 #audit", visibility="unlisted", spoiler_text="Numbers", idempotency_key=None)
assert post.spoiler_text == "Numbers" and post.tags[0].name == "audit" and post.visibility == "unlisted", post
edited = api.status_update(post.id, "From a script: 0.124 #audit", spoiler_text="Numbers")
assert "0.124" in edited.content and edited.edited_at, edited
assert [v for v in api.status_history(post.id) if "0.123" in v.content]
assert api.status_source(post.id).text.startswith("From a script")
assert api.status_favourite(post.id).favourited and api.favourites()[0].id == post.id
assert api.status_bookmark(post.id).bookmarked and api.bookmarks()[0].id == post.id
assert api.status_reblog(post.id).reblog.id == post.id and not api.status_unreblog(post.id).reblogged
answer = api.status_reply(post, "An answer to myself")
assert [s.id for s in api.status_context(post.id).descendants] == [answer.id]
home = api.timeline_home(limit=5)
assert {post.id, answer.id} <= {s.id for s in home}
older = api.fetch_next(home)
assert not older or older[0].id < home[-1].id
for list_ in (api.timeline_public(), api.timeline_local(), api.timeline_hashtag("audit"), api.notifications()):
    assert isinstance(list_, list)
if PEER:
    found = api.search_v2(PEER, resolve=True, result_type="accounts").accounts
    assert found, PEER
    followed = api.account_follow(found[0].id)
    assert followed.following or followed.requested
    assert api.account_relationships(found[0].id)[0].id == found[0].id
    assert api.account_statuses(found[0].id) is not None
    api.account_unfollow(found[0].id)
deleted = api.status_delete(post.id)
assert deleted.text.startswith("From a script")
api.status_delete(answer.id)
try:
    api.status(post.id)
    sys.exit("a deleted post can still be read")
except MastodonNotFoundError:
    pass
api.revoke_access_token(allow_http=True)
try:
    Mastodon(access_token="revoked", api_base_url=BASE, version_check_mode="none").timeline_home()
    sys.exit("a bad token opens a timeline")
except MastodonUnauthorizedError:
    pass
print("Mastodon.py: signed in with a code, posted, edited, reacted, answered, followed, read and deleted")
