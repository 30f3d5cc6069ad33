//! How mail leaves: by SMTP, or into a folder where people who develop and test find it.
//! What a mail says is written by the rules, never here.

use std::path::PathBuf;

use async_trait::async_trait;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};

use crate::{
    config::Config,
    error::{Error, Result},
    model::Mail,
    service::ports::Mailer,
};

/// The way that the configuration names.
pub fn open(config: &Config) -> Result<std::sync::Arc<dyn Mailer>> {
    let from: Mailbox =
        config.mail.from.parse().map_err(|_| Error::invalid("mail.from", "mail.from is not an e-mail address."))?;
    if let Some(folder) = &config.mail.mailbox_dir {
        return Ok(std::sync::Arc::new(Folder { folder: folder.clone(), from }));
    }
    match config.smtp_url().map_err(|e| Error::Internal(e.into()))? {
        Some(url) => {
            let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose())
                .map_err(|e| Error::internal(format!("mail.smtp_url cannot be used: {e}")))?
                .build();
            Ok(std::sync::Arc::new(Smtp { transport, from }))
        }
        None => Ok(std::sync::Arc::new(Nowhere)),
    }
}

fn message(mail: &Mail, from: &Mailbox) -> Result<Message> {
    let to: Mailbox = mail.recipient.parse().map_err(|_| Error::internal("a recipient is not an e-mail address"))?;
    Message::builder()
        .from(from.clone())
        .to(to)
        .subject(&mail.subject)
        .header(ContentType::TEXT_PLAIN)
        .body(mail.body.clone())
        .map_err(|e| Error::Internal(e.into()))
}

struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

#[async_trait]
impl Mailer for Smtp {
    async fn send(&self, mail: &Mail) -> Result<()> {
        let message = message(mail, &self.from)?;
        self.transport.send(message).await.map_err(|e| Error::remote("mail server", e.to_string()))?;
        Ok(())
    }
}

/// One readable file a mail: recipient, subject, text.
struct Folder {
    folder: PathBuf,
    from: Mailbox,
}

#[async_trait]
impl Mailer for Folder {
    async fn send(&self, mail: &Mail) -> Result<()> {
        let broken = |e: std::io::Error| Error::Internal(e.into());
        tokio::fs::create_dir_all(&self.folder).await.map_err(broken)?;
        let text = format!("From: {}\nTo: {}\nSubject: {}\n\n{}", self.from, mail.recipient, mail.subject, mail.body);
        tokio::fs::write(self.folder.join(format!("{}.txt", mail.id)), text).await.map_err(broken)
    }
}

/// No way is configured: mails wait, and `consilium doctor` says so.
struct Nowhere;

#[async_trait]
impl Mailer for Nowhere {
    async fn send(&self, _: &Mail) -> Result<()> {
        Err(Error::remote("mail", "no way to send mail is configured: set mail.smtp_url"))
    }
}
