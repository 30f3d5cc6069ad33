//! Months alone: what is planned for them, what only recites them, and their names in other languages.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    super::page::{Page, has_word, pattern},
    Day,
};

/// Whether something is to be done in a month that follows: "listed for Nov".
pub(super) fn planned(page: &Page<'_>, at: usize) -> bool {
    const PLANS: &[&str] = &[
        "listed",
        "booked",
        "planned",
        "scheduled",
        "due",
        "down",
        "set",
        "pencilled",
        "fixed",
        "appointment",
        "appt",
    ];
    has_word(page.words_before(at, 24), PLANS)
}

/// Whether the months are a test of attention: "December to July without a slip".
pub(super) fn recited(page: &Page<'_>, start: usize, end: usize) -> bool {
    page.near(&(start..end), 120, &["backwards", "backward"])
        || page.before(start, 1).ends_with('"') && page.after(end, 8).starts_with(" is a ")
        || matches!(page.word_after(end), "seasonal" | "bug" | "bugs")
}

/// Months of other languages behind a word that says when: "no place until Mai", "since février".
static SINCE_FOREIGN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:since|until|till|til|by|from|last|next|this|early|late|mid|seit|bis|im|ab|vom|sinds|tot|in|vanaf|depuis|en|jusqu['’]en|desde|hasta|da|dal|fino a|od|do|sedan|till|siden)[ -](januari|februari|maart|mei|juni|juli|augustus|oktober|januar|februar|märz|mai|maj|dezember|janvier|février|fevrier|avril|juin|juillet|août|aout|septembre|octobre|novembre|décembre|decembre|enero|febrero|abril|junio|julio|septiembre|octubre|noviembre|diciembre|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre|janeiro|fevereiro|março|junho|julho|setembro|outubro|novembro|dezembro|augusti|desember|stycznia|lutego|kwietnia|czerwca|lipca|sierpnia|października|listopada|grudnia)",
    )
});

pub(super) fn foreign_alone(page: &Page<'_>, days: &mut Vec<Day>) {
    for month in SINCE_FOREIGN.captures_iter(&page.lower).filter_map(|found| found.get(1)) {
        // Somebody may be called so.
        let name = matches!(month.as_str(), "mai" | "maj" | "mei" | "juni" | "juli")
            && matches!(page.word_before(month.start()), "from" | "by" | "in" | "this" | "da" | "do" | "od");
        if page.alone(&month.range()) && !name {
            days.push(Day { weight: 50, ..Day::of(month.range(), None) });
        }
    }
}
