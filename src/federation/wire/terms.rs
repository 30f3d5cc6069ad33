//! The terms of our own that stand in statements, on actors and in posts, as a JSON-LD context.

use serde_json::{Value, json};

/// The context that is served at `terms`.
pub fn write(terms: &str) -> Value {
    let plain = |name: &str| Value::from(format!("cred:{name}"));
    let day = |name: &str| json!({ "@id": format!("cred:{name}"), "@type": "http://www.w3.org/2001/XMLSchema#date" });
    let claim = json!({ "jurisdiction": plain("jurisdiction"), "body": plain("body") });
    let within = |name: &str, terms: &Value| json!({ "@id": format!("cred:{name}"), "@context": terms });
    let checked = json!({ "verifiedOn": day("verifiedOn") });
    let licence = json!({
        "jurisdiction": plain("jurisdiction"), "register": plain("register"), "registerKey": plain("registerKey"),
        "status": plain("status"),
    });
    let specialty = json!({ "system": plain("system"), "code": plain("code"), "display": plain("display") });
    let practitioner = json!({
        "handle": plain("handle"),
        "discipline": plain("discipline"),
        "role": plain("role"),
        "level": { "@id": "cred:level", "@type": "http://www.w3.org/2001/XMLSchema#integer" },
        "checkedOn": day("checkedOn"),
        "licence": within("licence", &licence),
        "affiliation": within("affiliation", &claim),
        "qualification": within("qualification", &claim),
        "specialty": { "@id": "cred:specialty", "@container": "@set", "@context": specialty },
    });
    let endorsement = json!({
        "controller": { "@id": "https://w3id.org/security#controller", "@type": "@id" },
        "endorses": { "@id": "cred:endorses", "@type": "@id" },
    });
    let head = json!({
        "day": day("day"),
        "seq": { "@id": "cred:seq", "@type": "http://www.w3.org/2001/XMLSchema#integer" },
        "hash": plain("hash"),
        "created": { "@id": "http://purl.org/dc/terms/created", "@type": "http://www.w3.org/2001/XMLSchema#dateTime" },
    });
    let mut all = json!({
        "@context": {
            "@version": 1.1,
            "cred": format!("{terms}#"),
            "PractitionerCredential": plain("PractitionerCredential"),
            "Practitioner": within("Practitioner", &practitioner),
            "registration": plain("registration"),
            "specialist": plain("specialist"),
            "degree": plain("degree"),
            "employment": plain("employment"),
            "training": plain("training"),
            "RegisterLookup": within("RegisterLookup", &checked),
            "DocumentReview": within("DocumentReview", &checked),
            "MailboxControl": within("MailboxControl", &checked),
            "HrRecord": within("HrRecord", &checked),
            "KeyEndorsement": within("KeyEndorsement", &endorsement),
            "AuditHead": within("AuditHead", &head),
            "VerifiableCredentialAttachment": plain("VerifiableCredentialAttachment"),
            "credential": { "@id": "cred:credential", "@type": "@json" },
            "keyEndorsements": { "@id": "cred:keyEndorsements", "@type": "@json" },
            "case": { "@id": "cred:case", "@type": "@json" },
            "RankedBallot": plain("RankedBallot"),
            "RankingResult": plain("RankingResult"),
            "WaitingCount": plain("WaitingCount"),
            "ranking": { "@id": "cred:ranking", "@type": "@json" },
            "askedAs": plain("askedAs"),
            "topic": plain("topic"),
            "interests": plain("interests"),
            "sources": { "@id": "cred:sources", "@type": "@id", "@container": "@list" },
            "struck": {
                "@id": "cred:struck", "@type": "http://www.w3.org/2001/XMLSchema#dateTime", "@container": "@set",
            },
        }
    });
    if let Some(all) = all.get_mut("@context").and_then(Value::as_object_mut) {
        all.extend(of_groups());
    }
    all
}

/// What the documents of groups say.
fn of_groups() -> impl Iterator<Item = (String, Value)> {
    let words = ["audienceKind", "admission", "rules", "welcome", "requests", "posts"];
    let plain = words.map(|name| (name, Value::from(format!("cred:{name}"))));
    let rest = [
        ("topics", json!({ "@id": "cred:topics", "@container": "@list" })),
        ("requires", json!({ "@id": "cred:requires", "@type": "@json" })),
        ("archived", json!({ "@id": "cred:archived", "@type": "http://www.w3.org/2001/XMLSchema#dateTime" })),
    ];
    plain.into_iter().chain(rest).map(|(name, term)| (name.to_owned(), term))
}
