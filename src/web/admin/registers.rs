//! Copies of registers: what is in use, what is being read and how far it is, and the form for a new one.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{AFTER_FORM, enter, kind_with_file};
use crate::{
    error::{Error, Result},
    model::{Snapshot, SnapshotId, SnapshotState},
    multipart,
    policy::registers::{REGISTERS, Register},
    service::registers::{self, LARGEST, Sent},
    web::{
        error::Problem,
        form::Faults,
        layout::{self, Shell},
        session::Visitor,
    },
};

/// Where the words about mappings stand.
const HELP: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/REGISTERS.md");
/// What a form may have beside its file, in bytes.
const BESIDE: usize = 1_000_000;

/// A copy as the list shows it.
struct Line {
    register: &'static str,
    taken_on: String,
    file_name: String,
    /// Colour and word.
    tag: (&'static str, &'static str),
    /// How far the reading is, of 100.
    percent: Option<i64>,
    facts: String,
    error: String,
    full: String,
    iso: String,
}

impl From<Snapshot> for Line {
    fn from(copy: Snapshot) -> Self {
        let loading = copy.state == SnapshotState::Loading;
        let percent = (loading && copy.bytes_total > 0)
            .then(|| (copy.bytes_read.saturating_mul(100) / copy.bytes_total).clamp(0, 100));
        Self {
            register: Register::find(&copy.register).map_or("Unknown register", |register| register.name),
            taken_on: copy.taken_on.format("%-d %B %Y").to_string(),
            tag: match copy.state {
                SnapshotState::Loading if copy.bytes_read == 0 => ("", "Waits"),
                SnapshotState::Loading => ("blue", "Being read"),
                SnapshotState::Current => ("green", "In use"),
                SnapshotState::Replaced => ("", "Replaced"),
                SnapshotState::Failed => ("red", "Failed"),
            },
            percent,
            facts: facts(&copy),
            full: layout::full_date(copy.started_at),
            iso: copy.started_at.to_rfc3339(),
            file_name: copy.file_name,
            error: copy.error,
        }
    }
}

/// "9,120 entries, 2 lines could not be read, 3 re-checks opened".
fn facts(copy: &Snapshot) -> String {
    let mut facts = layout::counted(copy.rows, "entry", "entries");
    if copy.refused > 0 {
        facts = format!("{facts}, {} could not be read", layout::counted(copy.refused, "line", "lines"));
    }
    if matches!(copy.state, SnapshotState::Current | SnapshotState::Replaced) {
        facts = format!("{facts}, {} opened", layout::counted(copy.rechecks, "re-check", "re-checks"));
    }
    facts
}

#[derive(Template)]
#[template(path = "web/admin/registers.html")]
struct RegistersPage {
    shell: Shell,
    tab: &'static str,
    lines: Vec<Line>,
    loading: bool,
    /// Key and name.
    registers: Vec<(&'static str, String)>,
    typed: Sent,
    faults: Faults,
    help: &'static str,
}

async fn page(visitor: &Visitor, typed: Sent, faults: Faults) -> Result<HttpResponse, Problem> {
    let copies = registers::list(&visitor.ctx, &visitor.viewer()).await?;
    let named = REGISTERS.iter().filter(|register| register.key != "other");
    let page = RegistersPage {
        shell: visitor.shell("admin"),
        tab: "registers",
        loading: copies.iter().any(|copy| copy.state == SnapshotState::Loading),
        lines: copies.into_iter().map(Line::from).collect(),
        registers: named.map(|one| (one.key, format!("{} ({})", one.name, one.jurisdiction))).collect(),
        typed,
        faults,
        help: HELP,
    };
    page.faults.page(visitor, &page)
}

/// `GET /admin/registers`
pub async fn show(visitor: Visitor) -> Result<HttpResponse, Problem> {
    if let Some(away) = enter(&visitor, &visitor.here).await? {
        return Ok(away);
    }
    page(&visitor, Sent::default(), Faults::none()).await
}

/// `POST /admin/registers`: the file goes straight to the disk, as it may have gigabytes.
pub async fn send(visitor: Visitor, request: HttpRequest, payload: web::Payload) -> Result<HttpResponse, Problem> {
    if let Some(away) = enter(&visitor, AFTER_FORM).await? {
        return Ok(away);
    }
    let mut sent = Sent::default();
    match take(&visitor, &request, payload, &mut sent).await {
        Ok(_) => Ok(visitor.go("/admin/registers?done=register-sent")),
        Err(error) => page(&visitor, sent, Faults::of_error(error, "register")?).await,
    }
}

async fn take(visitor: &Visitor, request: &HttpRequest, payload: web::Payload, sent: &mut Sent) -> Result<SnapshotId> {
    let mut upload = registers::receive(&visitor.ctx, &visitor.viewer()).await?;
    let kind = kind_with_file(request)?;
    let whole = usize::try_from(LARGEST).unwrap_or(usize::MAX).saturating_add(4 * BESIDE);
    let mut payload = payload.into_inner();
    // The token stands before the file, so that nothing is taken of a form that is none of ours.
    let parts = multipart::read_beside(kind, &mut payload, (whole, BESIDE), "file", async |parts, piece| {
        visitor.check_form(request, parts.text("csrf"))?;
        upload.write(&piece).await
    })
    .await?;
    visitor.check_form(request, parts.text("csrf"))?;
    let mapping = parts.files.iter().find(|(name, _)| name == "mapping").map(|(_, bytes)| bytes.to_vec());
    parts.text("register").clone_into(&mut sent.register);
    parts.text("taken_on").clone_into(&mut sent.taken_on);
    sent.file_name = parts.large_name;
    sent.mapping = String::from_utf8(mapping.unwrap_or_default())
        .map_err(|_| Error::invalid("mapping", "The mapping is not in UTF-8."))?;
    upload.finish(&visitor.ctx, sent).await
}
