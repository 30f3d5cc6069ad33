use unicode_normalization::UnicodeNormalization;

use crate::{
    error::{Error, Result},
    model::{Credential, CredentialId},
    policy::registers::{OTHER, Register},
    service::{
        Ctx,
        secrets::{self, IndexKey},
    },
    store::{
        self, Conn,
        credentials::numbers::{Kept, Moved},
    },
    text::fold,
};

/// A number of which no more than its end is told, nor how long it is.
const DOTS: &str = "••• ••";
/// Fewest letters and digits of a number whose end may be told, and which is searched for in words.
const SHORTEST: usize = 4;
/// Numbers that are read again in one go.
const AT_ONCE: i64 = 500;

/// A number as it is shown: its last two characters alone; empty for none.
pub fn mask(number: &str) -> String {
    let length = number.chars().count();
    match length {
        0 => String::new(),
        _ if length < SHORTEST => format!("{DOTS}••"),
        _ => DOTS.chars().chain(number.chars().skip(length - 2)).collect(),
    }
}

/// The letters and digits of a text as numbers are compared: in capitals, and wide or circled ones as plain ones.
fn plain(text: impl Iterator<Item = char>) -> impl Iterator<Item = char> {
    text.nfkc().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase)
}

/// Words of somebody in which the number is masked, whatever spaces, hyphens and dots it was written with, and in whatever
/// digits: what is kept in clear must not tell it.
pub(super) fn hide(words: &str, number: &str) -> String {
    let wanted: Vec<char> = plain(number.chars()).collect();
    if wanted.len() < SHORTEST {
        return words.to_owned();
    }
    let (mut hidden, mut rest) = (String::new(), words);
    while let Some(first) = rest.chars().next() {
        let skipped = if let Some(length) = written(rest, &wanted) {
            hidden.push_str(&mask(number));
            length
        } else {
            hidden.push(first);
            first.len_utf8()
        };
        rest = rest.get(skipped..).unwrap_or_default();
    }
    hidden
}

/// How long the number is with which the text begins, in bytes; none where it begins with something else.
fn written(text: &str, wanted: &[char]) -> Option<usize> {
    let mut left = wanted.iter();
    for (at, c) in text.char_indices() {
        let before = left.len();
        if !plain(std::iter::once(c)).all(|one| left.next() == Some(&one)) {
            return None;
        }
        match left.len() {
            0 => return Some(at + c.len_utf8()),
            // It begins with itself, not with a mark.
            same if at == 0 && same == before => return None,
            _ => {}
        }
    }
    None
}

/// What equal numbers have in common. How one of a body that we do not know is written is of no account.
pub(super) async fn index(ctx: &Ctx, conn: &mut Conn, of: (&str, &str), number: &str) -> Result<Vec<u8>> {
    index_under(&secrets::index_key(ctx, conn).await?, of, number)
}

fn index_under(key: &IndexKey, (register, body): (&str, &str), number: &str) -> Result<Vec<u8>> {
    match register {
        "" | OTHER => {
            // As the body is kept, so that it comes to the same when it is worked out again.
            let body = fold(&hide(body, number));
            key.index(OTHER, &format!("{body}\0{}", plain(number.chars()).collect::<String>()))
        }
        known => key.index(known, number),
    }
}

/// Reads the numbers of a register's credentials as such numbers are read now, and has them found by that: before a copy
/// is held against them whose numbers were read so. Returns those that were found by something else. The credentials of
/// the register are locked where there are any.
pub(in crate::service) async fn read_again(ctx: &Ctx, conn: &mut Conn, register: &str) -> Result<Vec<Moved>> {
    let key = secrets::index_key(ctx, conn).await?;
    let (mut moved, mut last) = (Vec::new(), CredentialId(0));
    loop {
        let page = store::credentials::numbers::list(conn, Some(register), last, AT_ONCE).await?;
        let Some(end) = page.last() else { break };
        last = end.id;
        moved.extend(moved_among(ctx, &key, page));
    }
    if !moved.is_empty() {
        // All of them, as the comparison locks more of them than have moved.
        store::credentials::numbers::lock(conn, register).await?;
        store::credentials::numbers::put(conn, &moved).await?;
    }
    Ok(moved)
}

/// The same for all others: registers of which no copy is in use, and bodies that have none. A copy that is in use was read
/// as its credentials were, so that these wait for the next one. Returns how many were found by something else.
pub(in crate::service) async fn read_others_again(ctx: &Ctx) -> Result<usize> {
    let (mut count, mut last) = (0, CredentialId(0));
    loop {
        let mut tx = ctx.tx().await?;
        let page = store::credentials::numbers::list(&mut tx, None, last, AT_ONCE).await?;
        let Some(end) = page.last() else {
            tx.roll_back().await?;
            return Ok(count);
        };
        last = end.id;
        let key = secrets::index_key(ctx, &mut tx).await?;
        count += store::credentials::numbers::put(&mut tx, &moved_among(ctx, &key, page)).await?;
        tx.commit().await?;
    }
}

/// Those that are found by something else than they are read as now. What cannot be read any more stays as it is.
fn moved_among(ctx: &Ctx, key: &IndexKey, page: Vec<Kept>) -> Vec<Moved> {
    let mut moved = Vec::new();
    for kept in page {
        match index_now(ctx, key, &kept) {
            Some(index) if index == kept.index => {}
            Some(becomes) => moved.push(Moved { id: kept.id, was: kept.index, becomes }),
            None => tracing::warn!(credential = %kept.id, "its number cannot be read any more, and is found as before"),
        }
    }
    moved
}

/// By what a number is found now. Why it cannot be read is not told: that would tell the number.
fn index_now(ctx: &Ctx, key: &IndexKey, kept: &Kept) -> Option<Vec<u8>> {
    let sealed = unseal(ctx, kept.id, &kept.sealed).ok()?;
    let register = Register::find(if kept.register.is_empty() { OTHER } else { &kept.register })?;
    let number = register.read(&sealed).ok()?;
    index_under(key, (&kept.register, &kept.body), &number).ok()
}

fn context(id: CredentialId) -> String {
    format!("credential/{id}/number")
}

/// A number, sealed for this credential alone.
pub(super) fn seal(ctx: &Ctx, id: CredentialId, number: &str) -> Result<Vec<u8>> {
    ctx.keyring.seal(&context(id), number.as_bytes())
}

/// The number of a credential; empty for none. Who is shown more of it than [`mask`] leaves has to stand in the audit log.
pub(super) fn open(ctx: &Ctx, credential: &Credential) -> Result<String> {
    let Some(sealed) = &credential.number_sealed else { return Ok(String::new()) };
    unseal(ctx, credential.id, sealed)
}

fn unseal(ctx: &Ctx, id: CredentialId, sealed: &[u8]) -> Result<String> {
    let number = ctx.keyring.open_sealed(&context(id), sealed)?;
    // What was opened stays out of the error, and so out of the log.
    String::from_utf8(number).map_err(|_| Error::internal("a number is no text"))
}

#[cfg(test)]
mod tests {
    use super::{fold, hide, mask};

    #[test]
    fn no_more_than_the_end_of_a_number_is_shown() {
        for (number, shown) in [
            ("7012341", "••• ••41"),
            ("0000-0002-1694-233X", "••• ••3X"),
            ("123", "••• ••••"),
            ("1", "••• ••••"),
            ("", ""),
        ] {
            assert_eq!(mask(number), shown);
        }
    }

    #[test]
    fn a_number_in_words_is_hidden_however_it_is_written() {
        for words in [
            "GMC 7012345.",
            "GMC 701 2345.",
            "GMC 701-23-45.",
            "GMC 7 0 1.2-3·4 5.",
            "GMC ７０１２３４５.",
            "GMC ７0１ 2３4-5.",
            "GMC ⑦⓪1²345.",
        ] {
            assert_eq!(hide(words, "7012345"), "GMC ••• ••45.", "{words}");
        }
        assert_eq!(hide("pin 01a2345n and 01A2345N", "01A2345N"), "pin ••• ••5N and ••• ••5N");
        assert_eq!(hide("ｐｉｎ ０１ａ２３４５Ｎ，", "01A2345N"), "ｐｉｎ ••• ••5N，", "all else stays as it is");
        assert_eq!(hide("orcid.org/0000000216942339", "0000-0002-1694-2339"), "orcid.org/••• ••39");
        for words in ["Seen on 7 May, 0 of 12", "701234", "Ärztin", ""] {
            assert_eq!(hide(words, "7012345"), words);
        }
        assert_eq!(hide("Room 12", "12"), "Room 12", "too short to be told from other numbers");
    }

    #[test]
    fn a_body_comes_to_the_same_with_the_number_in_it_and_with_the_mask() {
        for body in ["Board of Lund, AB12CD", "Board AB-12-CD of Lund", "Board of Lund"] {
            let kept = hide(body, "AB12CD");
            assert_eq!(fold(&hide(&kept, "AB12CD")), fold(&kept), "{body}");
        }
    }
}
