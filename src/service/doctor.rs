//! What is wrong with this instance, and how to mend it, as far as the database knows.

use super::{Ctx, attestations, dead_letters, keys, organization};
use crate::{
    config::{Config, ConfigError},
    error::Result,
    policy::{
        disciplines::{DISCIPLINES, Discipline},
        registers::Register,
    },
    store,
};

/// One thing that was looked at.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Finding {
    /// What.
    pub what: &'static str,
    /// Whether it is as it should be.
    pub fine: bool,
    /// What was found, and how to mend it where it is wrong.
    pub words: String,
}

impl Finding {
    /// As it should be.
    pub fn fine(what: &'static str, words: impl Into<String>) -> Self {
        Self { what, fine: true, words: words.into() }
    }

    /// Wrong.
    pub fn wrong(what: &'static str, words: impl Into<String>) -> Self {
        Self { what, fine: false, words: words.into() }
    }
}

/// Refuses a configuration that names registers or disciplines that there are none of: one that is misspelt would ask for
/// less than is meant, or for what nobody has; so would another institution, as only ours verifies people of this house.
pub fn check_names(config: &Config) -> Result<(), ConfigError> {
    let rules = &config.verification;
    let unknown = rules.two_persons.iter().find(|key| *key != "*" && Register::find(key).is_none());
    if let Some(unknown) = unknown {
        return Err(ConfigError(format!(
            "verification.two_persons: no register is called “{unknown}”. `consilium registers list` names them all; “*” \
             stands for everything."
        )));
    }
    for (place, demand) in [("public_posts", &rules.public_posts), ("strangers", &rules.strangers)] {
        if let Some(unknown) = demand.disciplines.iter().find(|key| Discipline::find(key).is_none()) {
            let known: Vec<&str> = DISCIPLINES.iter().map(|discipline| discipline.key).collect();
            return Err(ConfigError(format!(
                "verification.{place}.disciplines: there is no discipline “{unknown}”. There are {}.",
                known.join(", ")
            )));
        }
        let own = config.instance.host();
        if let Some(other) = demand.issuers.iter().find(|host| !host.eq_ignore_ascii_case(&own)) {
            return Err(ConfigError(format!(
                "verification.{place}.issuers: “{other}” can verify nobody of this house, so that nobody could ever meet \
                 this. What other institutions state comes with people of their own servers. Name “{own}”, or none."
            )));
        }
    }
    Ok(())
}

/// Looks at clock, version, keys, mail and queues.
pub async fn examine(ctx: &Ctx) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let (clock, version) = store::instance::clock_and_version(&mut *ctx.pool.get().await?).await?;
    let skew = (ctx.now() - clock).num_seconds().abs();
    findings.push(if skew <= 5 {
        Finding::fine("clock", format!("{skew} s apart from the database's"))
    } else {
        Finding::wrong(
            "clock",
            format!("{skew} s apart from the database's: signatures will be refused. Set up NTP on both machines."),
        )
    });
    findings.push(if version >= 140_000 {
        Finding::fine("database version", format!("PostgreSQL {}", version / 10_000))
    } else {
        Finding::wrong("database version", format!("PostgreSQL {} is too old: use 14 or newer.", version / 10_000))
    });
    findings.push(match keys::instance_account(ctx).await {
        Ok(id) => match keys::signer(ctx, id).await {
            Ok(signer) => Finding::fine("keys", format!("{} opens and can sign", signer.key_id)),
            Err(error) => Finding::wrong(
                "keys",
                format!(
                    "the instance's key cannot be opened ({error}): {} does not hold the key that it was sealed with.",
                    ctx.config.secrets.place()
                ),
            ),
        },
        Err(error) => Finding::wrong("keys", format!("the instance's account cannot be made: {error}")),
    });
    findings.push(institution(ctx).await);
    let mail = &ctx.config.mail;
    findings.push(if mail.smtp_url.is_some() || mail.smtp_url_file.is_some() {
        Finding::fine("mail", "sent by SMTP")
    } else if mail.mailbox_dir.is_some() {
        Finding::wrong("mail", "kept in a folder, nobody gets it: set mail.smtp_url on a production server.")
    } else {
        Finding::wrong("mail", "not set up: people cannot confirm their address. Set mail.smtp_url.")
    });
    let (received, outbox, deliveries, mails, dead) = dead_letters::queue_lengths_by_operator(ctx).await?;
    let words =
        format!("{received} received, {outbox} to render, {deliveries} to deliver, {mails} mails, {dead} dead letters");
    findings.push(if dead == 0 {
        Finding::fine("queues", words)
    } else {
        Finding::wrong("queues", format!("{words}: look at /admin/dead-letters."))
    });
    Ok(findings)
}

/// Whether anything can be attested.
async fn institution(ctx: &Ctx) -> Finding {
    let what = "institution";
    match organization::account(ctx).await {
        Ok(_) => match attestations::keys::opens(ctx).await {
            Ok(key) => Finding::fine(what, format!("{key} opens and can sign")),
            Err(error) => Finding::wrong(what, format!("its issuing key cannot be opened ({error}).")),
        },
        Err(error) => Finding::wrong(what, error.public()),
    }
}
