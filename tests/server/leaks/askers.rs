//! Who asks: people of this server and of others at a browser and at an app, and servers that sign in their own names or in those
//! of their people.

use consilium::{
    model::{HostState, HostTrust, Role},
    policy::Viewer,
    service::{hosts, registration},
};
use diesel_async::RunQueryDsl;
use serde_json::json;

use super::things::{Said, Signs};
use crate::harness::{App, Browser, Cluster, Instance, Stranger, cluster::PASSWORD};

/// How somebody stands to the groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Nobody,
    Public,
    Colleague,
    /// Somebody else on a server where there is a member.
    Neighbour,
    /// A server that is trusted and has no members.
    Trusted,
    Former,
    Banned,
    Member,
    Leader,
    Owner,
}

/// Where they ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Home {
    /// The server of the groups.
    Here,
    /// Another one of the same kind.
    Elsewhere,
    /// They are a server, and ask for documents.
    Server,
}

/// Somebody in a line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Who {
    pub(super) name: &'static str,
    pub(super) standing: Standing,
    pub(super) home: Home,
}

impl Who {
    pub(super) const fn new(name: &'static str, standing: Standing, home: Home) -> Self {
        Self { name, standing, home }
    }

    fn signs_in(self) -> bool {
        self.home != Home::Server && self.standing != Standing::Nobody
    }

    /// Belongs to a group of this kind. Of what never leaves the server nobody elsewhere is a member, and of what an invitation
    /// opens nobody of the servers that only ask.
    pub(super) fn is_inside(self, kind: char) -> bool {
        let belongs = matches!(self.standing, Standing::Member | Standing::Leader | Standing::Owner);
        belongs
            && match self.home {
                Home::Here => true,
                Home::Elsewhere => kind != 'l',
                Home::Server => !matches!(kind, 'l' | 'i'),
            }
    }

    /// Leads the groups, on their own server.
    fn leads(self) -> bool {
        self.home == Home::Here && matches!(self.standing, Standing::Leader | Standing::Owner)
    }

    /// Has written what is kept for whoever wrote it.
    fn writes(self) -> bool {
        self.home == Home::Here && self.standing == Standing::Member
    }

    /// Reads what is posted in a group of this kind.
    fn reads(self, kind: char) -> bool {
        let practitioner = self.signs_in() && self.standing != Standing::Public;
        kind == 'o' || self.is_inside(kind) || (kind == 'v' && (practitioner || self.standing == Standing::Trusted))
    }

    /// Knows that there is such a group.
    fn knows(self, kind: char, door: &str) -> bool {
        match kind {
            'o' => true,
            // Whoever is put out of it is told so.
            'i' => self.is_inside(kind) || (self.standing == Standing::Banned && door.contains("notifications")),
            'l' => self.signs_in() && self.home == Home::Here,
            _ => self.signs_in() || (self.home == Home::Server && self.standing != Standing::Nobody),
        }
    }

    /// Whether a thing in a group of a kind may be heard by them at a door.
    pub(super) fn may_hear(self, thing: char, kind: char, door: &str) -> bool {
        let here = self.home == Home::Here;
        let staff = door.starts_with("/admin");
        let lists_people = staff || (door.ends_with("/members") && self.reads(kind) && self.signs_in());
        match thing {
            'f' => self.reads(kind) || (here && self.standing == Standing::Former),
            // Whoever wrote it has it still; where there is a member, the whole server is trusted with what they write.
            'A' if self.standing == Standing::Neighbour => {
                kind == 'o' || (kind != 'i' && door.starts_with(super::ABROAD))
            }
            'B' => self.reads(kind) || (self.home == Home::Elsewhere && self.standing == Standing::Former),
            'w' => self.is_inside(kind) || kind == 'o',
            'r' => self.is_inside(kind),
            'b' => self.is_inside(kind) || (here && self.standing == Standing::Banned),
            'g' => self.knows(kind, door),
            'L' => self.knows(kind, door) || staff,
            // Whoever asks without a name is a member like others, and no more is heard of them; two moderators opened one case.
            'u' if kind != 'o' => {
                let opened = kind == 'c' && self.standing == Standing::Leader && door.contains("/asker");
                opened || lists_people
            }
            // Who has an account here, the staff of the house reads.
            'm' | 'u' => staff || (self.reads(kind) && (self.signs_in() || kind == 'o')),
            'd' | 'h' => here && self.standing == Standing::Owner,
            'S' | 'K' => self.writes(),
            'W' | 'P' | 'i' | 'C' => self.leads(),
            'H' => self.leads() || self.writes(),
            // What is reported reaches the staff of the house as well.
            'R' => self.leads() || door.starts_with("/admin/reports"),
            // The log of a group has it, for those who belong to it.
            'Y' => self.leads() || (self.is_inside(kind) && door.ends_with("/log")),
            'y' => (here && self.standing == Standing::Owner) || (self.is_inside(kind) && door == super::INBOX),
            // What is gone from an open group had woken whoever was named in it.
            'x' | 'X' => (self.is_inside(kind) && door == super::INBOX) || (kind == 'o' && door == super::TELEPHONES),
            _ => self.reads(kind),
        }
    }
}

/// Somebody with a browser and an app, what they can ask for on their server, and what tells something there without its word.
pub(super) struct Person {
    pub(super) who: Who,
    pub(super) browser: Browser,
    pub(super) app: App,
    pub(super) said: Vec<Said>,
    pub(super) signs: Signs,
}

/// Those who ask at the server of the groups, by the names that they have there.
pub(super) const HERE: [(&str, &str, Role, Standing); 10] = [
    ("public", "member of the public", Role::Public, Standing::Public),
    ("unverified", "unverified", Role::Clinician, Standing::Colleague),
    ("stranger", "stranger", Role::Clinician, Standing::Colleague),
    ("former", "ex-member", Role::Clinician, Standing::Former),
    ("banned", "banned", Role::Clinician, Standing::Banned),
    ("member", "member", Role::Clinician, Standing::Member),
    ("leader", "moderator", Role::Clinician, Standing::Leader),
    ("owner", "owner", Role::Clinician, Standing::Owner),
    ("moddy", "house moderator", Role::Moderator, Standing::Colleague),
    ("rooty", "admin", Role::Admin, Standing::Colleague),
];

/// Those who ask at other servers: of one with a member, and of one whose member has left.
pub(super) const ELSEWHERE: [(&str, &str, &str, Role, Standing); 4] = [
    ("beta.test", "bo", "member at beta", Role::Clinician, Standing::Member),
    ("beta.test", "bea", "stranger at beta", Role::Clinician, Standing::Colleague),
    ("beta.test", "beate", "admin at beta", Role::Admin, Standing::Colleague),
    ("gamma.test", "cy", "ex-member at gamma", Role::Clinician, Standing::Former),
];

/// An account that is in no directory: its name is heard where it is a member's, and nowhere else.
pub(super) async fn quiet_account(at: &Instance, name: &str) -> Viewer {
    let form = registration::SignUp {
        username: name.into(),
        name: format!("Dr {name}"),
        // Mails are looked through as well.
        email: format!("{}@{}", name.replace("needle", "").replace("thimble", "2"), at.name),
        password: PASSWORD.into(),
        ..Default::default()
    };
    let id = registration::create(&at.ctx, form, Role::Clinician).await.unwrap();
    Viewer::Account { id, role: Role::Clinician }
}

/// Lets people be verified.
pub(super) async fn verify(at: &Instance, people: &[String]) {
    let people = people.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
    let badge = format!(
        "UPDATE accounts SET badge_until = now() + interval '1 year', badge = jsonb_build_object('token', 'of-' || id, \
           'discipline', 'medicine', 'specialty', 'Cardiology', 'issuer', 'Hospital', 'register', 'GMC', 'jurisdiction', 'GB', \
           'checked_on', NULL, 'until', now() + interval '1 year', 'confirmed_at', NULL) \
         WHERE username IN ({people}) AND host_id IS NULL"
    );
    diesel::sql_query(badge).execute(&mut at.ctx.pool.get().await.unwrap()).await.unwrap();
}

/// How far alpha believes other servers from now on.
pub(super) async fn trust(alpha: &Instance, names: &[&str], how: HostTrust) {
    for host in names {
        hosts::trust_by_operator(&alpha.ctx, host, how, Vec::new(), "").await.unwrap();
    }
}

/// Servers that may ask, and what they have been: `member.test` has a member, of `former.test` one has left and it is trusted no
/// more, of `limited.test` as well before it was limited, and it is trusted still; `blocked.test` had a member until it was
/// blocked, and `other.test` has nothing to do with any of it.
pub(super) struct Servers(pub(super) Vec<Stranger>);

pub(super) const SERVERS: [&str; 5] = ["member.test", "former.test", "limited.test", "blocked.test", "other.test"];

impl Servers {
    pub(super) async fn start() -> Self {
        let mut all = Vec::new();
        for host in SERVERS {
            let server = Stranger::at(host).await;
            server.serve("/users/mallory", server.person("mallory"));
            let mut whole = server.person(host);
            whole["type"] = "Application".into();
            whole["id"] = format!("http://{host}/actor").into();
            whole["publicKey"]["owner"] = whole["id"].clone();
            whole["publicKey"]["id"] = format!("http://{host}/actor#main-key").into();
            whole["inbox"] = format!("http://{host}/inbox").into();
            server.serve("/actor", whole);
            // They say that they keep what is for members alone.
            server.runs("consilium");
            all.push(server);
        }
        Self(all)
    }

    pub(super) fn get(&self, host: &str) -> &Stranger {
        self.0.iter().find(|server| server.host == host).unwrap()
    }

    /// Some of them follow the groups that can be joined from elsewhere, and then become what they are.
    pub(super) async fn settle_down(&self, cluster: &Cluster, groups: &[String]) {
        let alpha = cluster.get("alpha.test");
        let members = ["member.test", "former.test", "limited.test", "blocked.test"];
        trust(alpha, &members, HostTrust::Trusted).await;
        for host in members {
            let server = self.get(host);
            for (at, group) in groups.iter().enumerate() {
                let follow = server.activity("Follow", &format!("follow-{at}"), json!(group));
                assert_eq!(server.deliver(alpha, &follow).await, 202);
                cluster.settle().await;
            }
            let accepted = server.received.lock().unwrap().iter().filter(|told| told["type"] == "Accept").count();
            assert_eq!(accepted, groups.len(), "{host} has a member in each");
        }
        for former in [self.get("former.test"), self.get("limited.test")] {
            for (at, group) in groups.iter().enumerate() {
                let follow = former.activity("Follow", &format!("follow-{at}"), json!(group));
                let undo = former.activity("Undo", &format!("undo-{at}"), follow);
                assert_eq!(former.deliver(alpha, &undo).await, 202);
            }
        }
        cluster.settle().await;
        for (host, state) in [("limited.test", HostState::Limited), ("blocked.test", HostState::Blocked)] {
            hosts::decide_by_operator(&alpha.ctx, host, state, "").await.unwrap();
        }
        trust(alpha, &["former.test"], HostTrust::Claim).await;
        cluster.settle().await;
        // What came until now is about who belongs to it.
        for server in &self.0 {
            server.received.lock().unwrap().clear();
        }
    }

    /// Each server with those in whose name it asks: the member, somebody else there, and the server itself.
    pub(super) fn signers(&self) -> Vec<(Who, &Stranger, String)> {
        let lines: [(&str, &str, &'static str, Standing); 12] = [
            ("member.test", "users/eve", "member of another server", Standing::Member),
            ("member.test", "users/mallory", "stranger of that server", Standing::Neighbour),
            ("member.test", "actor", "that server itself", Standing::Member),
            ("former.test", "users/eve", "ex-member of another server", Standing::Former),
            ("former.test", "actor", "ex-member's server itself", Standing::Former),
            ("limited.test", "users/eve", "ex-member of a limited server", Standing::Former),
            ("limited.test", "actor", "limited server itself", Standing::Trusted),
            ("blocked.test", "users/eve", "ex-member of a blocked server", Standing::Nobody),
            ("blocked.test", "actor", "blocked server itself", Standing::Nobody),
            ("other.test", "users/eve", "somebody of an unconcerned server", Standing::Colleague),
            ("other.test", "users/mallory", "another one there", Standing::Colleague),
            ("other.test", "actor", "unconcerned server itself", Standing::Colleague),
        ];
        let line = |(host, path, name, standing): (&str, &str, &'static str, Standing)| {
            (Who::new(name, standing, Home::Server), self.get(host), format!("http://{host}/{path}"))
        };
        lines.into_iter().map(line).collect()
    }
}
