//! Ages that what is told before them makes ages: a day of birth, a question, somebody and where they are from.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    super::page::{Mark, Page, pattern},
    OLD,
    around::{general, measured},
    sure,
};

/// "90y4m", "DOB 1/9/33, 92.", "A resident, one hundred on Canada Day".
static BORN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"\b({OLD}) ?y(?:rs?|ears?)? ?[0-9]{{1,2}} ?(?:m|mo|mths?|months?)\b|\b(?:born|dob|d\.o\.b\.?|geb\.?)[: ]{{1,2}}(?:on )?[0-9]{{1,4}}[-/. ](?:[0-9]{{1,2}}|[a-z]{{3,9}})[-/. ][0-9]{{2,4}}[,;]? {{1,2}}\(?(?:age )?({OLD})(?:[,.;)]? |[.,;)]?\n|[.,;)]?$)|\b(?:resident|lady|woman|man|gentleman|patient|mother|father|mum|mom|dad|gran|nan|nun|priest|veteran|he|she|grandmother|grandfather|grandma|grandpa|aunt|uncle|widow|widower)(?: is| was| turned| turns| turning|'s|’s|,|'ll be|’ll be| will be) ((?:a|one) hundred(?: and [a-z]+)?)(?:[,.;!)]| on\b| in\b| next\b| this\b| last\b| today\b| tomorrow\b| now\b| when\b| years?\b)"
    ))
});
/// An age is asked for, and a number answers: "how old", "98 in Feb".
static ASKED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"\b(?:how old(?: is (?:he|she|the patient|your (?:mum|dad|mother|father)))?|what age(?: is (?:he|she))?|(?:(?:his|her|patient['’]?s) )?age\?)\??\s*\n?(?:[^\n:]{{1,24}}: ?|\[[0-9:]{{4,5}}\] ?(?:[^\n:]{{1,24}}: ?)?)?(?:(?:he|she)(?:'s|’s| is)? |just |nearly |turned |about )?({OLD})\b"
    ))
});
/// Somebody, where they are from, and a number in brackets: "the woman from Lake Oswego (90! yes)".
static HELD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"\b(?:woman|man|lady|gentleman|gent|resident|farmer|widow|widower|nun|priest|patient|pt|lad|chap|fella|bloke|granny|grandmother|grandfather|great-grandmother)(?: from [^\n.;:()]{{2,30}})? \(({OLD})[!?),;]|\b(?:dad|mum|mom|mam|mother|father|gran|nan|nana|granny|grandad|grandpa|grandma|husband|wife|aunt|uncle|neighbou?r) \(({OLD}) (?:on|in|next|this|come|tomorrow|today|yesterday|last)\b"
    ))
});

pub(super) fn find(page: &Page<'_>, marks: &mut Vec<Mark>) {
    for pattern in [&BORN, &ASKED, &HELD] {
        for number in pattern.captures_iter(&page.lower).filter_map(|found| found.iter().skip(1).flatten().next()) {
            if !measured(page, number.range(), true) && !general(page, &number.range()) {
                sure(number.range(), marks);
            }
        }
    }
}
