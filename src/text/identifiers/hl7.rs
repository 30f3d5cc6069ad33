//! What computers of hospitals send each other: messages of HL7 version 2, and lists of DICOM attributes. There the place of a
//! value says what it is (HL7 2.5.1, chapters 3 and 4; DICOM PS3.6).

use std::ops::Range;

use super::{
    kind::Kind,
    page::{Mark, Page},
};

/// Fields of segments by their number, and what they hold.
const FIELDS: &[(&str, usize, Kind)] = &[
    ("pid", 2, Kind::Mrn),
    ("pid", 3, Kind::Mrn),
    ("pid", 4, Kind::Mrn),
    ("pid", 5, Kind::Name),
    ("pid", 6, Kind::Name),
    ("pid", 7, Kind::Date),
    ("pid", 9, Kind::Name),
    ("pid", 11, Kind::Location),
    ("pid", 13, Kind::Phone),
    ("pid", 14, Kind::Phone),
    ("pid", 18, Kind::Account),
    ("pid", 19, Kind::Ssn),
    ("pid", 20, Kind::License),
    ("pid", 29, Kind::Date),
    ("nk1", 2, Kind::Name),
    ("nk1", 4, Kind::Location),
    ("nk1", 5, Kind::Phone),
    ("pv1", 7, Kind::Name),
    ("pv1", 8, Kind::Name),
    ("pv1", 9, Kind::Name),
    ("pv1", 17, Kind::Name),
    ("pv1", 19, Kind::Mrn),
    ("pv1", 44, Kind::Date),
    ("pv1", 45, Kind::Date),
    ("orc", 2, Kind::Mrn),
    ("orc", 3, Kind::Mrn),
    ("orc", 12, Kind::Name),
    ("obr", 2, Kind::Mrn),
    ("obr", 3, Kind::Mrn),
    ("obr", 7, Kind::Date),
    ("obr", 14, Kind::Date),
    ("obr", 16, Kind::Name),
    ("obx", 14, Kind::Date),
    ("in1", 2, Kind::HealthPlan),
    ("in1", 8, Kind::HealthPlan),
    ("in1", 16, Kind::Name),
    ("in1", 36, Kind::HealthPlan),
];
/// DICOM attributes by their tag.
const TAGS: &[(&str, Kind)] = &[
    ("0008,0020", Kind::Date),
    ("0008,0021", Kind::Date),
    ("0008,0022", Kind::Date),
    ("0008,0023", Kind::Date),
    ("0008,0050", Kind::Mrn),
    ("0008,0080", Kind::Location),
    ("0008,0081", Kind::Location),
    ("0008,0090", Kind::Name),
    ("0008,1010", Kind::Device),
    ("0008,1050", Kind::Name),
    ("0008,1060", Kind::Name),
    ("0008,1070", Kind::Name),
    ("0010,0010", Kind::Name),
    ("0010,0020", Kind::Mrn),
    ("0010,0030", Kind::Date),
    ("0010,1000", Kind::Mrn),
    ("0010,1001", Kind::Name),
    ("0010,1040", Kind::Location),
    ("0010,2154", Kind::Phone),
    ("0018,1000", Kind::Device),
    ("0020,0010", Kind::Mrn),
];
const WHY: &str = "In a message between computers this place says who or what it is.";
const WEIGHT: u8 = 90;

pub(super) fn find(page: &Page<'_>, marks: &mut Vec<Mark>) {
    let mut at = 0;
    for line in page.lower.split_inclusive('\n') {
        if line.matches('|').count() > 2 {
            segment(page, at, line, marks);
        } else if line.trim_start().starts_with('(') {
            attribute(page, at, line, marks);
        }
        at += line.len();
    }
}

fn push(range: Range<usize>, kind: Kind, marks: &mut Vec<Mark>) {
    if !range.is_empty() {
        let suggestion = if kind == Kind::Name { "the patient".into() } else { String::new() };
        marks.push(Mark { range, kind, why: WHY, suggestion, weight: WEIGHT });
    }
}

fn segment(page: &Page<'_>, start: usize, line: &str, marks: &mut Vec<Mark>) {
    let lead = line.len() - line.trim_start().len();
    let name = line.get(lead..lead + 3).unwrap_or_default();
    let mut at = start;
    for (number, field) in line.split('|').enumerate() {
        let known = FIELDS.iter().find(|(segment, place, _)| *segment == name && *place == number);
        if let Some((_, _, kind)) = known {
            for (from, part) in parts(field, '~') {
                repetition(page, at + from, part, *kind, marks);
            }
        }
        at += field.len() + 1;
    }
}

/// Parts with where each begins.
fn parts(text: &str, mark: char) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split(mark).map(move |part| {
        let from = at;
        at += part.len() + mark.len_utf8();
        (from, part)
    })
}

/// One of the values of a field.
fn repetition(page: &Page<'_>, start: usize, text: &str, kind: Kind, marks: &mut Vec<Mark>) {
    let end = start + text.trim_end().len();
    match kind {
        // "1076637747^BEAL^STERLING": the number of a licence, and the name.
        Kind::Name => {
            let has_digit = |part: &str| part.bytes().any(|b| b.is_ascii_digit());
            let number = text.split('^').next().filter(|first| has_digit(first)).map_or(0, str::len);
            if number > 4 {
                push(start..start + number, Kind::License, marks);
            }
            let names = text.get(number..).unwrap_or_default();
            let first = names.find(|c: char| c.is_alphabetic()).map(|at| start + number + at);
            // Behind name, given name and second name stand degrees and codes.
            let last = names.trim_start_matches('^').split('^').take(3).map(|part| part.len() + 1).sum::<usize>();
            let open = names.len() - names.trim_start_matches('^').len();
            if let Some(first) = first {
                let last = (start + number + open + last).saturating_sub(1).min(end);
                let name = page.lower.get(first..last).unwrap_or_default().trim_end_matches(['^', ' ']);
                push(first..first + name.len(), Kind::Name, marks);
            }
        }
        // "12 COVE RD^^MACHIASPORT^ME^04655".
        Kind::Location => push(start..start + text.trim_end_matches(['^', ' ', '\n', '\r']).len(), kind, marks),
        Kind::Mrn if text.contains("^ss") => push(start..start + first_part(text), Kind::Ssn, marks),
        Kind::Mrn | Kind::Phone | Kind::Account | Kind::Ssn | Kind::HealthPlan | Kind::License | Kind::Date => {
            let length = first_part(text);
            let told = text.get(..length).is_some_and(|value| value.bytes().filter(u8::is_ascii_digit).count() > 2);
            if told {
                push(start..start + length, kind, marks);
            }
        }
        _ => {}
    }
}

fn first_part(text: &str) -> usize {
    text.split('^').next().unwrap_or_default().trim_end().len()
}

/// `(0010,0020) LO [QE7719034] # Patient ID`.
fn attribute(page: &Page<'_>, start: usize, line: &str, marks: &mut Vec<Mark>) {
    let lead = line.len() - line.trim_start().len() + 1;
    let Some((_, kind)) = line.get(lead..lead + 9).and_then(|tag| TAGS.iter().find(|(known, _)| *known == tag)) else {
        return;
    };
    let Some(rest) = line.get(lead + 9..).and_then(|rest| rest.strip_prefix(')')) else { return };
    let from = line.len() - rest.len();
    let brackets = rest.find('[').zip(rest.find(']')).filter(|(open, close)| open < close);
    let (from, value) = if let Some((open, close)) = brackets {
        (from + open + 1, rest.get(open + 1..close).unwrap_or_default())
    } else {
        let lead = rest.len() - rest.trim_start_matches([' ', ':', '=', '\t']).len();
        // "(0010,0010) PN HARGREAVES^IMOGEN".
        let value = rest.get(lead..).unwrap_or_default();
        let code = value.split(' ').next().filter(|code| {
            code.len() == 2
                && value.len() > 3
                && page.at(&(start + from + lead..start + from + lead + 2)).chars().all(char::is_uppercase)
        });
        let lead = lead + code.map_or(0, |code| code.len() + 1);
        let value = rest.get(lead..).unwrap_or_default();
        (from + lead, value.split('#').next().unwrap_or_default())
    };
    let value = value.trim_end();
    push(start + from..start + from + value.len(), *kind, marks);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(&'static str, String)> {
        let page = Page::read(text);
        let mut marks = Vec::new();
        find(&page, &mut marks);
        marks.sort_by_key(|mark| mark.range.start);
        marks.iter().map(|mark| (mark.kind.as_str(), page.at(&mark.range).to_owned())).collect()
    }

    #[test]
    fn the_fields_of_a_message_say_what_stands_in_them() {
        let pid = "PID|1||40027715^^^HIE~401-22-8873^^^SS||TACKETT^VERNON^LEE||19521009|M|||RT 2 BOX 114^^HYDEN^KY^41749||6065550121";
        let told = [
            ("mrn", "40027715"),
            ("ssn", "401-22-8873"),
            ("name", "TACKETT^VERNON^LEE"),
            ("date", "19521009"),
            ("location", "RT 2 BOX 114^^HYDEN^KY^41749"),
            ("phone", "6065550121"),
        ];
        assert_eq!(found(pid), told.map(|(kind, words)| (kind, words.to_owned())));
        let doctor = found("PV1|1|E|ER^^||||1076637747^BEAL^STERLING^^^MD\n");
        assert_eq!(doctor, [("license", "1076637747".to_owned()), ("name", "BEAL^STERLING".to_owned())]);
        assert!(found("OBX|1|NM|2823-3^POTASSIUM^LN||6.9|mmol/L|3.5-5.1|HH|||F").is_empty(), "a value is none");
        assert!(found("a | b | c | d").is_empty());
    }

    #[test]
    fn the_tags_of_a_picture_say_what_stands_behind_them() {
        let text =
            "(0010,0010) PN [HARGREAVES^IMOGEN]\n(0010,0020) QE7719034\n(0010,0030) 19910223\n(0008,0070) SIEMENS";
        let told = [("name", "HARGREAVES^IMOGEN"), ("mrn", "QE7719034"), ("date", "19910223")];
        assert_eq!(found(text), told.map(|(kind, words)| (kind, words.to_owned())));
    }
}
