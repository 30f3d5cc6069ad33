//! People of other servers: how they join, answer and leave, and what their servers keep of it.

use std::collections::BTreeMap;

use consilium::{
    model::{AccountId, PostId},
    policy::Viewer,
    service::{groups, posts, remote},
};

use super::{
    askers::{ELSEWHERE, Home, Standing, Who},
    staging::{Founded, Stage, from_elsewhere},
    things::{Picture, Place, Said, heard, word},
};
use crate::harness::{
    Cluster, Instance,
    rows::{ask, everything},
};

/// Somebody of another server.
struct Guest {
    host: &'static str,
    name: &'static str,
    who: Who,
    viewer: Viewer,
}

/// All of them.
pub(super) struct Abroad(Vec<Guest>);

impl Abroad {
    /// They come, and those of them who are or were members join what can be joined from elsewhere.
    pub(super) async fn join(cluster: &Cluster, groups: &[Founded]) -> Self {
        let mut all = Vec::new();
        for (host, name, called, role, standing) in ELSEWHERE {
            let at = cluster.get(host);
            let viewer = at.account(name, role).await;
            let who = Who::new(called, standing, Home::Elsewhere);
            if matches!(standing, Standing::Member | Standing::Former) {
                for group in groups.iter().filter(|group| group.kind.2 != 'l') {
                    let there = found(at, &viewer, group).await;
                    groups::join(&at.ctx, &viewer, there, &group.wish()).await.unwrap();
                    cluster.settle().await;
                }
            }
            all.push(Guest { host, name, who, viewer });
        }
        Self(all)
    }

    /// Where they are, and who they are.
    pub(super) fn people(&self) -> impl Iterator<Item = (&'static str, &'static str, Who)> {
        self.0.iter().map(|guest| (guest.host, guest.name, guest.who))
    }

    fn members(&self) -> impl Iterator<Item = &Guest> {
        self.0.iter().filter(|guest| matches!(guest.who.standing, Standing::Member | Standing::Former))
    }

    /// Whoever is or was a member on a server.
    pub(super) fn at(&self, host: &str) -> Viewer {
        self.members().find(|guest| guest.host == host).unwrap().viewer
    }

    /// What was said, as each server with a member knows it.
    pub(super) async fn know(&self, cluster: &Cluster, said: &[Said]) -> BTreeMap<&'static str, Vec<Said>> {
        let mut known: BTreeMap<&'static str, Vec<Said>> = BTreeMap::new();
        for guest in self.members() {
            for one in said.iter().filter(|one| one.kind != 'l') {
                let seen = seen_from(cluster.get(guest.host), &guest.viewer, one).await;
                known.entry(guest.host).or_default().push(seen);
            }
        }
        known
    }

    /// Each of them answers the cases, and every server hears of that. Among clinicians one speaks only who is verified as one.
    pub(super) async fn answer(
        &self,
        stage: &Stage<'_>,
        said: &mut [Said],
        known: &mut BTreeMap<&'static str, Vec<Said>>,
    ) {
        let cluster = stage.cluster;
        let alpha = cluster.get("alpha.test");
        let mut written = Vec::new();
        for guest in self.members() {
            let ctx = &cluster.get(guest.host).ctx;
            let thing = if guest.who.standing == Standing::Member { 'A' } else { 'B' };
            for one in known[guest.host].iter().filter(|one| one.kind != 'v') {
                let new = from_elsewhere(one.kind, thing, one.case.id);
                let id = posts::publish(ctx, &guest.viewer, new).await.unwrap();
                written.push((guest, one.kind, posts::raw(ctx, id).await.unwrap().uri));
            }
        }
        cluster.settle().await;
        // Where something in them looks like a patient's name after all, a moderator lets it be seen.
        for (_, _, uri) in &written {
            let answer = posts::by_uri(&alpha.ctx, uri).await.unwrap().unwrap();
            groups::release(&alpha.ctx, stage.who("owner"), answer.id).await.unwrap();
        }
        cluster.settle().await;
        let everywhere = known.iter_mut().map(|(host, said)| (cluster.get(host), said.as_mut_slice()));
        for (at, said) in everywhere.chain([(alpha, said)]) {
            for (guest, kind, uri) in &written {
                let id = posts::by_uri(&at.ctx, uri).await.unwrap().map_or(PostId(0), |post| post.id);
                let by = match guest {
                    Guest { host, name, .. } if at.name == *host => (*name).to_owned(),
                    Guest { host, name, .. } => format!("{name}@{host}"),
                };
                for one in said.iter_mut().filter(|one| one.kind == *kind) {
                    one.abroad.push(Place { id, by: by.clone(), uri: uri.clone() });
                }
            }
        }
    }

    /// One of them leaves.
    pub(super) async fn leave(&self, cluster: &Cluster, known: &BTreeMap<&'static str, Vec<Said>>) {
        for guest in self.0.iter().filter(|guest| guest.who.standing == Standing::Former) {
            for one in &known[guest.host] {
                groups::leave(&cluster.get(guest.host).ctx, &guest.viewer, one.group).await.unwrap();
            }
            cluster.settle().await;
        }
    }
}

/// A group of alpha as another server finds it: by its name, or by the link that somebody holds.
async fn found(at: &Instance, who: &Viewer, group: &Founded) -> AccountId {
    let Some(link) = &group.link else {
        return at.ctx.remote().unwrap().account(&group.handle, "alpha.test").await.unwrap();
    };
    assert!(groups::page_of_link(&at.ctx, who, link).await.unwrap().is_some());
    let (found, _) = groups::by_uri(&at.ctx, &group.uri()).await.unwrap().unwrap();
    found.id
}

/// What was said in a group of alpha, by the ids of another server; `who` is a member there.
async fn seen_from(at: &Instance, who: &Viewer, said: &Said) -> Said {
    let ctx = &at.ctx;
    let mut places = BTreeMap::new();
    for place in said.posts() {
        let id = posts::by_uri(ctx, &place.uri).await.unwrap().map_or(PostId(0), |post| post.id);
        let by = format!("{}@alpha.test", place.by);
        places.insert(place.uri.clone(), Place { id, by, uri: place.uri.clone() });
    }
    let there = |place: &Place| places[&place.uri].clone();
    let (group, _) = groups::by_uri(ctx, &said.uri).await.unwrap().unwrap();
    let owner = remote::account_by_uri(ctx, "http://alpha.test/users/owner").await.unwrap().unwrap().id;
    let mut pictures = Vec::new();
    for (thing, place) in [('p', &said.case), ('l', &said.answer)] {
        let media = posts::read(ctx, who, there(place).id).await.unwrap().media.0[0].clone();
        pictures.push(Picture { thing, id: media.id, file: media.name });
    }
    Said {
        kind: said.kind,
        group: group.id,
        uri: said.uri.clone(),
        handle: format!("{}@alpha.test", said.handle),
        owner,
        case: there(&said.case),
        answer: there(&said.answer),
        farewell: there(&said.farewell),
        poll: there(&said.poll),
        unnamed: said.unnamed.as_ref().map(there),
        withdrawn: there(&said.withdrawn),
        removed: there(&said.removed),
        abroad: Vec::new(),
        pictures,
        inside: None,
    }
}

/// What came of the ballots about the cases of these groups, as a server keeps it: how many points the first option has.
async fn points(at: &Instance, said: &[Said]) -> Vec<(char, String)> {
    let query = "SELECT p.uri || ' ' || coalesce(r.result->'columns'->0->'cells'->0->>'points', 'hidden') AS words \
                 FROM case_rankings r JOIN posts p ON p.id = r.post_id";
    let kept = ask(at, query).await;
    let of = |one: &Said| {
        let line = kept.iter().find_map(|line| line.strip_prefix(one.case.uri.as_str()));
        line.map(|points| (one.kind, points.trim().to_owned()))
    };
    said.iter().filter_map(of).collect()
}

/// Other servers keep nothing of what never leaves this one, one whose member has left nothing of what was said later, and none of
/// them who has chosen what.
pub(super) async fn check_databases(cluster: &Cluster, said: &[Said]) {
    let [alpha, beta, gamma] = ["alpha.test", "beta.test", "gamma.test"].map(|host| cluster.get(host));
    let stays = ['u', 'd', 'h', 'm', 'S', 'K', 'W', 'P', 'H', 'i', 'R', 'X'];
    let never = |word: &String| word.ends_with('l') || word.starts_with(stays);
    let kept = heard(&everything(beta).await);
    for thing in ["tc", "ec", "ti", "vc", "Ec"] {
        assert!(kept.contains(&thing.to_owned()), "beta has a member, and nothing of {thing}: {kept:?}");
    }
    assert_eq!(kept.iter().filter(|word| never(word)).collect::<Vec<_>>(), Vec::<&String>::new());
    let kept = heard(&everything(gamma).await);
    let later = |word: &String| never(word) || word.starts_with('e');
    assert_eq!(kept.iter().filter(|word| later(word)).collect::<Vec<_>>(), Vec::<&String>::new());
    // The words of what was struck are gone where they were struck, too.
    let struck: Vec<String> = said.iter().map(|one| word('X', one.kind)).collect();
    let edits = ask(alpha, "SELECT source || html AS words FROM post_edits").await.join("\n");
    assert!(struck.iter().all(|word| !edits.contains(word.as_str())), "{edits}");

    let told = |kinds: &str, points: &str| kinds.chars().map(|kind| (kind, points.to_owned())).collect::<Vec<_>>();
    assert_eq!(points(alpha, said).await, told("ovcli", "10"), "the options were ranked anew");
    assert_eq!(points(beta, said).await, told("ovci", "10"), "beta hears what came of it");
    assert_eq!(points(gamma, said).await, told("ovci", "15"), "and gamma heard no more");
    for at in [beta, gamma] {
        let ballots = ask(at, "SELECT count(*)::text AS words FROM case_ballots").await;
        assert_eq!(ballots, ["0"], "who chose what is kept by the server of the group");
    }
}

/// Whether they hold a case other servers tell the server of its group; all others ask them in vain among the documents.
pub(super) async fn check_copies(cluster: &Cluster, said: &[Said]) {
    let remote = cluster.get("alpha.test").ctx.remote().unwrap();
    for one in said.iter().filter(|one| one.kind != 'l') {
        for (case, held) in [(&one.case, true), (&one.withdrawn, false)] {
            let told = remote.holds("beta.test", one.group, &case.uri).await.unwrap();
            assert_eq!(told, Some(held), "{}", one.kind);
        }
    }
}
