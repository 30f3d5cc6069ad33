//! Cases: one in which nothing is marked, how it is posted by the services, and how it is answered at a browser.

use consilium::{
    model::{AccountId, CaseDraft, CaseDraftId, ConsentBasis, ConsentScope, DraftConsent, PostId, SectionKey},
    policy::Viewer,
    service::cases,
};

use super::{Browser, Instance, Page};

/// A case of a patient whom nobody can identify, for the members of its group.
pub fn plain(question: &str) -> CaseDraft {
    CaseDraft {
        question: question.into(),
        age: "30 to 39".into(),
        sections: vec![(SectionKey::Presentation, "Palpitations after a hard run.".into())],
        consent: consent(ConsentScope::Group),
        ..CaseDraft::default()
    }
}

/// What it may be told on, to so many.
pub fn consent(scope: ConsentScope) -> DraftConsent {
    DraftConsent { basis: Some(ConsentBasis::NotIdentifiable), scope: Some(scope), ..DraftConsent::default() }
}

/// Somebody begins a case and saves this.
pub async fn begin_case(at: &Instance, who: &Viewer, group: AccountId, written: CaseDraft) -> CaseDraftId {
    let id = cases::start(&at.ctx, who, group).await.unwrap();
    cases::save(&at.ctx, who, id, written).await.unwrap();
    id
}

/// The same, and posts it.
pub async fn post_case(at: &Instance, who: &Viewer, group: AccountId, written: CaseDraft) -> PostId {
    let id = begin_case(at, who, group, written).await;
    cases::publish(&at.ctx, who, id).await.unwrap()
}

/// Answers a post of a group at a browser; the answer's id.
pub async fn answer(who: &mut Browser, to: i64, text: &str) -> i64 {
    try_answer(who, to, text).await.written().1
}

/// The same where that may be refused.
pub async fn try_answer(who: &mut Browser, to: i64, text: &str) -> Page {
    who.get("/").await;
    let to = to.to_string();
    who.send("/posts", &[("text", text), ("language", "en"), ("reply_to", &to)]).await
}
