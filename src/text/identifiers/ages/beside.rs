//! Ages beside somebody: "her spouse Filomena, 91,", "Mrs Halloran is 94", "F 94", "Hooper. 91."

use super::{
    super::{
        lexicon::{ANY_GIVEN, ANY_NAME, FAMILIAR, PERSON, RELATIVE, TITLE, TRAP, WORD},
        page::{Mark, Page},
        token::{Gap, Shape, Token},
    },
    around::{ends_plainly, measured, ranged},
    push,
};

/// What is weighed, counted or timed in such numbers, and is written like somebody's age.
const VALUES: &[&str] = &["bp", "hr", "sats", "pulse", "spo2", "bmi", "crp", "hb", "plt", "map", "ef"];

/// So many words before an age somebody is looked for.
const FAR: usize = 12;

pub(super) fn find(page: &Page<'_>, marks: &mut Vec<Mark>) {
    for at in 0..page.tokens.len() {
        let Some(token) = page.tokens.get(at) else { break };
        if let Some(number) = glued(page, at) {
            push(number, marks);
        }
        let Some(end) = old(page, at) else { continue };
        let range = token.range.start..end;
        let Some(before) = at.checked_sub(1).and_then(|at| page.tokens.get(at)) else { continue };
        if measured(page, range.clone(), true) || ranged(page, &range) || VALUES.contains(&&*before.key) {
            continue;
        }
        let between = page.text.get(before.range.end..token.range.start).unwrap_or_default().trim();
        let old = match between {
            "," if between_commas(page, at, end) => true,
            "," | "(" | "[" | ", (" | "-" | "–" | ":" => apart(page, at, before, end, between),
            "." => before.shape != Shape::Initial && stands_alone(page, end) && is_somebody(page, at - 1),
            "" if token.gap == Gap::Space => close(page, at, before, end),
            _ => false,
        };
        if old {
            push(range, marks);
        }
    }
}

/// Where an age from 90 on ends that begins here, in digits or in words.
fn old(page: &Page<'_>, at: usize) -> Option<usize> {
    let token = page.tokens.get(at)?;
    if token.shape == Shape::Number {
        return token.text.parse().is_ok_and(|age: u32| (90..120).contains(&age)).then_some(token.range.end);
    }
    let ones = page.tokens.get(at + 1).filter(|next| {
        matches!(next.gap, Gap::Hyphen | Gap::Space)
            && matches!(&*next.key, "one" | "two" | "three" | "four" | "five" | "six" | "seven" | "eight" | "nine")
    });
    if token.key == "ninety" {
        return Some(ones.unwrap_or(token).range.end);
    }
    // "one hundred and two".
    let words = page.tokens.get(at..at + 4)?;
    let [one, hundred, and, ones] = words else { return None };
    let is_number = matches!(&*one.key, "one" | "a") && hundred.key == "hundred" && and.key == "and";
    let small = matches!(&*ones.key, "one" | "two" | "three" | "four" | "five" | "six" | "seven" | "eight");
    (is_number && small && words.iter().skip(1).all(|word| word.gap == Gap::Space)).then_some(ones.range.end)
}

/// "M91 chest pain" at the start of a line.
fn glued(page: &Page<'_>, at: usize) -> Option<std::ops::Range<usize>> {
    let token = page.tokens.get(at).filter(|token| token.gap == Gap::Line)?;
    let digits = token.text.strip_prefix(['M', 'F'])?;
    let age = digits.parse::<u32>().is_ok_and(|age| (90..110).contains(&age));
    let goes_on = page.tokens.get(at + 1)?;
    let told = goes_on.gap == Gap::Space && goes_on.shape == Shape::Lower;
    (age && told).then(|| token.range.start + 1..token.range.end)
}

/// Whether a word is somebody's name, as far as its own looks and the word before it tell.
fn is_somebody(page: &Page<'_>, at: usize) -> bool {
    let Some(token) = page.tokens.get(at) else { return false };
    let before = at.checked_sub(1).and_then(|at| page.tokens.get(at));
    let led = before.is_some_and(|before| {
        token.is_capital()
            && (before.is(TITLE) && matches!(token.gap, Gap::Space | Gap::Dot)
                || before.is(ANY_GIVEN) && before.is_capital() && !before.is(WORD) && token.gap == Gap::Space)
    });
    let named = token.is(ANY_NAME) && !token.is(TRAP.or(WORD)) || token.is(FAMILIAR);
    led || named && token.is_capital()
}

/// "Filomena, 91,", "her husband (96)", "F, 95.".
fn apart(page: &Page<'_>, at: usize, before: &Token<'_>, end: usize, between: &str) -> bool {
    let opens = before.starts || matches!(before.gap, Gap::Open | Gap::Comma | Gap::Colon);
    let sexed = is_sex(before) && opens && matches!(between, "," | "(" | "-");
    let known = before.is(ANY_NAME) && !before.is(TRAP) && (before.is_capital() || before.is(ANY_GIVEN))
        || at.checked_sub(1).is_some_and(|at| is_somebody(page, at))
        || before.is(RELATIVE)
        || matches!(&*before.key, "patient" | "lady" | "gentleman" | "woman" | "man" | "resident" | "widow" | "nun");
    let bracketed = between.ends_with(['(', '[']);
    let closed = if bracketed { page.after(end, 1).starts_with([')', ']', ',', ';']) } else { closes(page, end) };
    closed && (known && !matches!(between, "-" | "–" | ":") || sexed || known && before.is_capital() && before.starts)
}

/// "Mrs Kaczmarek, former miner, 91, pneumoconiosis": a number by itself between commas, in a sentence about somebody.
fn between_commas(page: &Page<'_>, at: usize, end: usize) -> bool {
    let sentence = page.tokens.get(..at).unwrap_or_default().iter().rev().take_while(|token| token.gap != Gap::Line);
    let somebody = |back: usize| {
        is_somebody(page, at - 1 - back) && page.tokens.get(at - 1 - back).is_some_and(|token| !token.is(WORD))
    };
    let next = page.tokens.get(at + 1);
    let value = |before: &Token<'_>| before.text.len() < 5 && before.text.ends_with(|c: char| c.is_ascii_digit());
    let alone = page.tokens.get(at - 1).is_some_and(|before| !value(before))
        && next.is_some_and(|next| next.gap == Gap::Comma && next.shape != Shape::Number && next.range.start > end);
    alone && (0..sentence.count().min(FAR)).any(somebody)
}

/// "wife 90 alive", "Mr Osei 96 found on", "Mrs Halloran is 94", "F 94, syncope", "both 92".
fn close(page: &Page<'_>, at: usize, before: &Token<'_>, end: usize) -> bool {
    let word = page.word_after(end);
    let living = matches!(word, "alive" | "and" | "well" | "died" | "with" | "living")
        || word == "a" && !page.after(end, 3).starts_with(" a ");
    let word_before = |back: usize| at.checked_sub(back).and_then(|at| page.tokens.get(at));
    let titled = word_before(2).is_some_and(|title| title.is(TITLE) && title.is_capital())
        && before.is_capital()
        && matches!(before.gap, Gap::Space | Gap::Dot);
    let opens = before.starts || matches!(before.gap, Gap::Open | Gap::Comma | Gap::Colon);
    let is = matches!(&*before.key, "is" | "was" | "now" | "turned" | "turns");
    let somebody = is && before.gap == Gap::Space && at.checked_sub(2).is_some_and(|at| is_somebody(page, at));
    let kin = |back: usize| word_before(back).is_some_and(|token| token.is(RELATIVE.or(PERSON)));
    let both = before.key == "both" && (kin(2) || kin(3));
    // "Edie Bramhall 101, not eating".
    let both_names = before.is_capital()
        && before.gap == Gap::Space
        && before.is(ANY_NAME)
        && !before.is(TRAP.or(WORD))
        && word_before(2).is_some_and(|first| first.is_capital() && first.is(ANY_GIVEN) && !first.is(TRAP));
    match () {
        () if both_names || matches!(&*before.key, "he" | "she" | "shes" | "hes") => {
            closes(page, end) || matches!(word, "today" | "isnt" | "now" | "tomorrow" | "next")
        }
        () if before.is(RELATIVE) => closes(page, end) || living,
        () if titled => closes(page, end) || !word.is_empty() && page.after(end, 1) == " ",
        () if somebody => ends_plainly(page, end),
        () => (is_sex(before) && opens || both) && closes(page, end),
    }
}

fn is_sex(token: &Token<'_>) -> bool {
    matches!(token.text, "F" | "M" | "f" | "m") || matches!(&*token.key, "male" | "female")
}

/// Whether a mark or the end of the text follows, and no decimals.
fn closes(page: &Page<'_>, end: usize) -> bool {
    let after = page.after(end, 2);
    after.is_empty() || after.starts_with([',', ')', ';', '\n']) || after.starts_with('.') && stands_alone(page, end)
}

/// Whether a full stop ends a sentence here.
fn stands_alone(page: &Page<'_>, end: usize) -> bool {
    matches!(page.after(end, 2), "." | ". " | ".\n")
}
