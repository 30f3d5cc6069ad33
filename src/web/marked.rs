//! Texts shown for reading with their marks in place, and what a form says of each mark where nothing of it is stored: posts in
//! groups and outcomes.

use super::cases::words;
use crate::{
    error::{Error, Result},
    model::{Kept, discreet::discreet},
    policy::cases::is_reason,
    service::{
        cases::{Cut, Mark},
        posts,
    },
    web::layout::counted,
};

discreet!(Piece { number }, Row { number }, Reading { field }, Said {});

/// A stretch of a text that is shown for reading.
#[derive(PartialEq, Eq)]
pub(super) struct Piece {
    /// The words.
    pub text: String,
    /// The number of the mark; 0 for what is not marked.
    pub number: usize,
    /// How it looks: open, mended or kept.
    pub class: &'static str,
}

/// A mark in the list below its text.
#[derive(Default)]
pub(super) struct Row {
    /// Its number on the page.
    pub number: usize,
    /// How its number looks.
    pub tag: &'static str,
    /// How the words look in the text.
    pub class: &'static str,
    /// What stands there, or stood there.
    pub was: String,
    /// What can stand there instead, or does now; empty for what is left out.
    pub now: String,
    /// What it could be, and why it was found or why it stays.
    pub line: String,
    /// What its buttons send.
    pub value: String,
    /// Other words, as far as they were typed.
    pub wording: String,
    /// A reason, as far as it was typed.
    pub reason: String,
    /// It was pressed, and something is wrong.
    pub failed: bool,
}

impl Row {
    /// Of a mark that stands in the text.
    pub(super) fn of_mark(mark: &Mark) -> Self {
        let kind = words::kind(mark.kind.as_str());
        let (tag, class, line) = match &mark.reason {
            Some(reason) => ("", "kept", format!("{kind}, kept: {reason}")),
            None => ("amber", "", format!("{kind}. {}", mark.why)),
        };
        Self {
            tag,
            class,
            was: mark.words.clone(),
            now: mark.suggestion.clone(),
            line,
            value: format!("{} {} {}", mark.start, mark.field, mark.words),
            wording: mark.suggestion.clone(),
            reason: mark.reason.clone().unwrap_or_default(),
            ..Self::default()
        }
    }
}

/// A field whose text is shown for reading, with its marks.
pub(super) struct Reading {
    /// Its name.
    pub field: String,
    /// What it is called.
    pub label: String,
    /// Its text.
    pub pieces: Vec<Piece>,
    /// Its marks.
    pub rows: Vec<Row>,
    /// "5 marks, 1 mended".
    pub words: String,
}

impl Reading {
    /// A text with what stands in it from one place to another; none where nothing does. `number` counts through the page, and
    /// `numbered` tells a row its number.
    pub(super) fn of(
        (field, label): (&str, String),
        text: &str,
        mut spans: Vec<(usize, usize, Row)>,
        number: &mut usize,
        numbered: &dyn Fn(Row, usize) -> Row,
    ) -> Option<Self> {
        if spans.is_empty() {
            return None;
        }
        let marks = several(spans.len(), "mark", "marks");
        let words = match spans.iter().filter(|(_, _, row)| row.class == "mended").count() {
            0 => marks,
            settled => format!("{marks}, {settled} mended"),
        };
        spans.sort_by_key(|(start, end, _)| (*start, *end));
        let (mut pieces, mut rows, mut at) = (Vec::new(), Vec::new(), 0);
        for (start, end, row) in spans {
            *number += 1;
            let row = numbered(row, *number);
            // Where one lies within another, it stands in the list alone.
            if let (Some(before), Some(marked)) = (text.get(at..start), text.get(start..end)) {
                pieces.push(Piece { text: before.to_owned(), number: 0, class: "" });
                pieces.push(Piece { text: marked.to_owned(), number: *number, class: row.class });
                at = end;
            }
            rows.push(row);
        }
        pieces.push(Piece { text: text.get(at..).unwrap_or_default().to_owned(), number: 0, class: "" });
        pieces.retain(|piece| piece.number > 0 || !piece.text.is_empty());
        Some(Self { field: field.to_owned(), label, pieces, rows, words })
    }
}

/// "1 mark", "4 marks".
pub(super) fn several(count: usize, one: &str, many: &str) -> String {
    counted(i64::try_from(count).unwrap_or(i64::MAX), one, many)
}

/// What a form says of its marks: one entry of each list a mark, in the order of the page.
#[derive(Default)]
pub(super) struct Said {
    /// Where it begins, its field, and its words.
    pub mark: Vec<String>,
    /// Other words.
    pub now: Vec<String>,
    /// Why it stays; empty where it does not.
    pub why: Vec<String>,
    /// The button: `use-2`, `cut-2`, `reword-2`, `keep-2`, `unkeep-2`, `use-all`; anything else is none of a mark's.
    pub act: String,
}

/// A mark as its form names it.
struct Named {
    start: usize,
    field: String,
    words: String,
}

impl Said {
    fn named(&self, place: usize) -> Option<Named> {
        let mut parts = self.mark.get(place)?.splitn(3, ' ');
        let (start, field, words) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Named { start: start.parse().ok()?, field: field.to_owned(), words: words.replace("\r\n", "\n") })
    }

    /// The deed of the button and the place of its mark in the lists.
    fn pressed(&self) -> Option<(&str, usize)> {
        let (deed, number) = self.act.split_once('-')?;
        let place = number.parse::<usize>().ok()?.checked_sub(1)?;
        ["use", "cut", "reword", "keep", "unkeep"].contains(&deed).then_some((deed, place))
    }

    /// Whether a button of the marks was pressed: then the page comes back, and nothing else is done.
    pub(super) fn is_about_marks(&self) -> bool {
        self.act == "use-all" || self.pressed().is_some()
    }

    /// What stays, with its reasons.
    pub(super) fn kept(&self) -> Vec<Kept> {
        let undone = self.pressed().filter(|(deed, _)| *deed == "unkeep").map(|(_, place)| place);
        let kept = |(place, why): (usize, &String)| {
            let named = self.named(place).filter(|_| Some(place) != undone && !why.trim().is_empty())?;
            let (field, words) = (named.field, named.words);
            Some(Kept { field, words, kind: String::new(), reason: why.trim().to_owned() })
        };
        self.why.iter().enumerate().filter_map(kept).collect()
    }

    /// Carries out what the pressed button says on the texts of a form, each by the name of its field. `marks` are those that
    /// stand in them now.
    ///
    /// # Errors
    /// [`Error::Invalid`] where a reason says too little; [`Error::Conflict`] where the text has changed.
    pub(super) fn carry_out(&self, marks: &[Mark], texts: &mut [(String, &mut String)]) -> Result<()> {
        let changed = || Error::Conflict("The text has been changed since. Please look at it again.".into());
        let mut put = |mark: &Mark, now: &str, how: Cut, all: &[Mark]| -> Result<()> {
            let (_, text) = texts.iter_mut().find(|(field, _)| *field == mark.field).ok_or_else(changed)?;
            **text = posts::mended(text, mark, now, how, all).ok_or_else(changed)?;
            Ok(())
        };
        let Some((deed, place)) = self.pressed() else {
            // From the end, so that the places of those before stay what they are.
            let mut all = marks.to_vec();
            while let Some(mark) = all.pop() {
                if mark.reason.is_none() {
                    put(&mark, &mark.suggestion, Cut::Phrase, &all)?;
                }
            }
            return Ok(());
        };
        let named = self.named(place).ok_or_else(changed)?;
        let same = marks.iter().filter(|mark| mark.field == named.field && mark.words == named.words);
        let mark = same.min_by_key(|mark| mark.start.abs_diff(named.start));
        match deed {
            "unkeep" => Ok(()),
            "keep" => {
                let why = self.why.get(place).map(|why| why.trim()).unwrap_or_default();
                if is_reason(why) { Ok(()) } else { Err(too_little()) }
            }
            "cut" => put(mark.ok_or_else(changed)?, "", Cut::Sentence, marks),
            "reword" => {
                let now = self.now.get(place).map(String::as_str).unwrap_or_default();
                put(mark.ok_or_else(changed)?, now, Cut::Phrase, marks)
            }
            _ => {
                let mark = mark.ok_or_else(changed)?;
                put(mark, &mark.suggestion, Cut::Phrase, marks)
            }
        }
    }
}

fn too_little() -> Error {
    Error::invalid("marks", "Say in a few words why this may stay: “name of a score”, “the author of the paper”.")
}

/// What is marked in a form, for its page.
#[derive(Debug, Default)]
pub(super) struct Marked {
    /// The fields in which anything is marked.
    pub readings: Vec<Reading>,
    /// How many marks are open.
    pub open: usize,
}

impl Marked {
    /// Whether there are any.
    pub(super) fn any(&self) -> bool {
        !self.readings.is_empty()
    }

    /// Of the marks of some fields: each with its name, what it is called, and its text.
    pub(super) fn of(marks: &[Mark], fields: &[(String, String, &str)]) -> Self {
        let mut number = 0;
        let numbered = |row: Row, number| Row { number, ..row };
        let reading = |(field, label, text): &(String, String, &str)| {
            let spans = marks.iter().filter(|mark| mark.field == *field);
            let spans = spans.map(|mark| (mark.start, mark.end, Row::of_mark(mark))).collect();
            Reading::of((field.as_str(), label.clone()), text, spans, &mut number, &numbered)
        };
        let readings = fields.iter().filter_map(reading).collect();
        Self { readings, open: marks.iter().filter(|mark| mark.reason.is_none()).count() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::identifiers::Kind;

    fn mark(text: &str, words: &str, suggestion: &str) -> Mark {
        let start = text.find(words).unwrap();
        Mark {
            field: "text".into(),
            start,
            end: start + words.len(),
            words: words.into(),
            kind: Kind::Name,
            why: "",
            suggestion: suggestion.into(),
            reason: None,
        }
    }

    fn said(act: &str, marks: &[&str]) -> Said {
        let mark = marks.iter().map(|one| (*one).to_owned()).collect();
        Said { mark, now: vec!["he".into(); marks.len()], why: vec![String::new(); marks.len()], act: act.into() }
    }

    #[test]
    fn a_button_mends_its_own_mark_and_all_of_them_together() {
        let before = "Mr Miller came. MRN 00412345 again.";
        let marks = [mark(before, "Mr Miller", "The patient"), mark(before, "MRN 00412345", "")];
        let after = |act: &str| {
            let mut text = before.to_owned();
            let form = said(act, &["0 text Mr Miller", "16 text MRN 00412345"]);
            form.carry_out(&marks, &mut [("text".to_owned(), &mut text)]).unwrap();
            text
        };
        assert_eq!(after("use-1"), "The patient came. MRN 00412345 again.");
        assert_eq!(after("reword-1"), "he came. MRN 00412345 again.");
        assert_eq!(after("cut-2"), "Mr Miller came.");
        assert_eq!(after("use-all"), "The patient came. again.");
        let gone = said("use-1", &["0 text Mr Jones"]).carry_out(&marks, &mut []);
        assert!(matches!(gone, Err(Error::Conflict(_))));
    }

    #[test]
    fn what_has_a_reason_stays_until_that_is_taken_back() {
        let mut form = said("keep-1", &["0 text Mr Miller"]);
        assert!(form.carry_out(&[], &mut []).is_err() && form.kept().is_empty());
        form.why = vec!["The author of the score".into()];
        assert!(form.carry_out(&[], &mut []).is_ok());
        assert_eq!(form.kept()[0].words, "Mr Miller");
        form.act = "unkeep-1".into();
        assert!(form.is_about_marks() && form.kept().is_empty());
        form.act = "draft".into();
        assert!(!form.is_about_marks());
    }
}
