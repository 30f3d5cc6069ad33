#!/usr/bin/env python3
"""Mastodon.py as a clinician's script would use it, against two running hospitals.

Usage: mastodon_py.py BASE USER PASSWORD PEER_BASE PEER_USER"""
import io
import sys
import time
from datetime import datetime, timedelta, timezone

import requests
from mastodon import Mastodon, MastodonNotFoundError, MastodonUnauthorizedError, StreamListener
from PIL import Image

from sign_in import consent, exchange, proof, sign_in

BASE, USER, PASSWORD, PEER_BASE, PEER_USER = sys.argv[1:6]
LONG = 30


def host(base):
    return base.split("//")[1].split(":")[0]


def until(what, question):
    """Asks again until the answer is yes: what comes from another server takes a moment."""
    end = time.monotonic() + LONG
    while time.monotonic() < end:
        if answer := question():
            return answer
        time.sleep(0.2)
    sys.exit(f"this never happened: {what}")


def client(base, token):
    return Mastodon(access_token=token, api_base_url=base, version_check_mode="none")


# An app, its page, a code, and PKCE.
scopes = ["read", "write", "follow", "push"]
client_id, client_secret = Mastodon.create_app("Script of a clinician", scopes=scopes, api_base_url=BASE)
visitor = Mastodon(client_id=client_id, client_secret=client_secret, api_base_url=BASE, version_check_mode="none")
verifier, challenge = proof()
address = visitor.auth_request_url(scopes=scopes, allow_http=True) + f"&code_challenge={challenge}&code_challenge_method=S256"
code = consent(BASE, USER, PASSWORD, address)
try:
    exchange(BASE, client_id, client_secret, code, "a verifier that somebody guessed, long enough to be one")
    sys.exit("a code opens without its verifier")
except requests.HTTPError:
    pass
code = consent(BASE, USER, PASSWORD, address)
api = Mastodon(client_id=client_id, client_secret=client_secret, access_token=exchange(BASE, client_id, client_secret, code, verifier), api_base_url=BASE, version_check_mode="none")
peer = client(PEER_BASE, sign_in(PEER_BASE, PEER_USER, PASSWORD))
me = api.account_verify_credentials()
assert me.acct == USER, me
assert api.instance_v1().uri == api.instance_v2().domain == BASE.split("//")[1]


class Heard(StreamListener):
    def __init__(self):
        self.updates, self.notices, self.deleted, self.edited = [], [], [], []

    def on_update(self, status):
        self.updates.append(status.id)

    def on_notification(self, notification):
        self.notices.append(notification)

    def on_delete(self, status_id):
        self.deleted.append(status_id)

    def on_status_update(self, status):
        self.edited.append(status.id)


heard = Heard()
stream = api.stream_user(heard, run_async=True)
until("the stream opens", lambda: api.stream_healthy() and stream.is_receiving())

# Posts, edits and what one does with posts.
post = api.status_post("From a script: 0.123 #audit", visibility="unlisted", spoiler_text="Numbers", idempotency_key=None)
assert post.spoiler_text == "Numbers" and post.tags[0].name == "audit" and post.visibility == "unlisted", post
until("the post comes by the stream", lambda: post.id in heard.updates)
edited = api.status_update(post.id, "From a script: 0.124 #audit", spoiler_text="Numbers")
assert "0.124" in edited.content and edited.edited_at, edited
until("the edit comes by the stream", lambda: post.id in heard.edited)
assert [v for v in api.status_history(post.id) if "0.123" in v.content]
assert api.status_source(post.id).text.startswith("From a script")
assert api.status_favourite(post.id).favourited and api.favourites()[0].id == post.id
assert api.status_bookmark(post.id).bookmarked and api.bookmarks()[0].id == post.id
assert api.status_reblog(post.id).reblog.id == post.id and not api.status_unreblog(post.id).reblogged
assert api.status_pin(post.id).pinned and not api.status_unpin(post.id).pinned
answer = api.status_reply(post, "An answer to myself")
assert [s.id for s in api.status_context(post.id).descendants] == [answer.id]
home = api.timeline_home(limit=5)
assert {post.id, answer.id} <= {s.id for s in home}
older = api.fetch_next(home)
assert not older or older[0].id < home[-1].id
for list_ in (api.timeline_public(), api.timeline_local(), api.timeline_hashtag("audit"), api.notifications()):
    assert isinstance(list_, list)

# A picture, with what a telephone writes into it.
exif = Image.Exif()
exif[0x010E], exif[0x8825] = "WARD-4 BED-12", {1: "N", 2: (52.0, 31.0, 12.0)}
photo = io.BytesIO()
Image.new("RGB", (320, 200), "teal").save(photo, "jpeg", exif=exif)
assert b"WARD-4" in photo.getvalue()
picture = api.media_post(io.BytesIO(photo.getvalue()), mime_type="image/jpeg", description="A teal square", focus=(0.2, -0.4))
assert picture.description == "A teal square" and picture.meta.original.width == 320 and picture.blurhash, picture
shown = api.status_post("With a picture", media_ids=[picture])
served = requests.get(shown.media_attachments[0].url)
assert served.status_code == 200 and b"WARD-4" not in served.content and b"Exif" not in served.content
assert Image.open(io.BytesIO(served.content)).size == (320, 200)

# The other hospital: find, follow, vote, be told.
found = peer.search_v2(f"@{USER}@{BASE.split('//')[1]}", resolve=True, result_type="accounts").accounts
assert found, "nobody is found at the other hospital"
peer.account_follow(found[0].id)
until("the follow is accepted", lambda: peer.account_relationships(found[0].id)[0].following)
poll = api.status_post("Which one first?", poll=api.make_poll(["Troponin", "ECG"], expires_in=3600))
there = until("the poll arrives", lambda: [s for s in peer.timeline_home() if s.poll and s.uri == poll.uri])[0]
assert [o.title for o in there.poll.options] == ["Troponin", "ECG"]
assert peer.poll_vote(there.poll.id, [1]).own_votes == [1]
until("the vote is counted", lambda: api.poll(poll.poll.id).options[1].votes_count == 1)
peer.status_favourite(there.id)
until("the like comes by the stream", lambda: [n for n in heard.notices if n.type == "favourite" and n.status.id == poll.id])
aside = api.status_post("A picture for both", media_ids=[api.media_post(io.BytesIO(photo.getvalue()), mime_type="image/jpeg", description="Again")])
copy = until("the picture arrives", lambda: [s for s in peer.timeline_home() if s.uri == aside.uri])[0].media_attachments[0]
assert copy.url.startswith(PEER_BASE) and requests.get(copy.url).status_code == 200, "read from the reader's own hospital"
assert isinstance(api.conversations(), list)
ward = api.list_create("Ward")
assert [l.title for l in api.lists() if l.id == ward.id] == ["Ward"]
api.list_delete(ward.id)
rule = api.create_filter_v2("Words", ["home"], "warn", keywords_attributes=[{"keyword": "elections", "whole_word": True}])
api.delete_filter_v2(rule.id)
assert api.followed_tags() is not None and api.tag_follow("audit").following and not api.tag_unfollow("audit").following
later = api.status_post("In an hour", scheduled_at=datetime.now(timezone.utc) + timedelta(minutes=62))
assert [s.id for s in api.scheduled_statuses()] == [later.id]
api.scheduled_status_delete(later.id)
peer.account_unfollow(found[0].id)

# What is deleted is gone, and a revoked token opens nothing.
deleted = api.status_delete(post.id)
assert deleted.text.startswith("From a script")
until("the deletion comes by the stream", lambda: [d for d in heard.deleted if int(d) == int(post.id)])
for rest in (answer, shown, poll, aside):
    api.status_delete(rest.id)
try:
    api.status(post.id)
    sys.exit("a deleted post can still be read")
except MastodonNotFoundError:
    pass
token = api.access_token
api.revoke_access_token(allow_http=True)
until("the stream of a revoked token ends", lambda: not stream.is_alive() or not stream.is_receiving())
stream.close()
try:
    client(BASE, token).timeline_home()
    sys.exit("a revoked token opens a timeline")
except MastodonUnauthorizedError:
    pass
print("Mastodon.py: signed in with a code and PKCE, posted, edited, uploaded, polled, followed, listened, deleted, signed out")
sys.exit(0)
