//! Details that a search in the newspapers would lead from: who was in the news, holds an honour, plays for a club, or has a
//! tattoo that can be read. Like `rare.rs` a reminder, no more.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    kind::Kind,
    page::{Mark, Page, has_word, pattern},
};

static NEWS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"\b(?:(?:was|were|been|is|are|being|appeared|interviewed|featured|shown|seen) )?(?:all over|in all|on|in) (?:the )?(?:local |national |regional |evening |morning |sunday )?(?:news|telly|tv|television|papers|newspapers?|radio|headlines|tabloids|front page)\b(?: (?:after|for|when|last|in|about) [a-z0-9' -]{3,40})?",
        r"|\b(?:featured|profiled|pictured|interviewed) (?:in|on|by) (?:the )?[a-z' ]{3,30}",
        r"|\b(?:made|hit) (?:the )?(?:local |national )?(?:news|headlines|papers|front page)",
        r"|\b(?:went|gone|going) viral\b|\bfamous (?:locally|for|in|as)\b[a-z ]{0,30}|\bwell[- ]known (?:locally|in the (?:town|village|area|parish))",
        r"|\b(?:who|that) (?:won|wins|represented|captained|founded|swam|rescued|broke the record)\b (?:the |a |an |at |for )?[a-z0-9' -]{3,40}",
        r"|\bwon the (?:lottery|lotto|euromillions|pools|jackpot|title|championship|cup|county|all-ireland|grand national|x factor|bake off|voice)\b",
        r"|\b(?:an? )?(?:mbe|obe|cbe|kbe|dbe|victoria cross|george cross|george medal|purple heart|croix de guerre|order of australia|oam|queen's gallantry medal|bravery award)(?: (?:for|in|from) [a-z' -]{3,40})?",
    ))
});
static SPORT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:starting |former |ex-|reserve |senior |under-[0-9]{2} |star |club |county )?(?:fly-half|scrum-half|full-?back|prop|hooker|lock|flanker|winger|centre-half|midfielder|goalkeeper|keeper|striker|captain|skipper|vice-captain|coach|head coach|manager|chairman|president|treasurer|cox|stroke seat|bowler|wicket-?keeper|pitcher|quarterback|linebacker|point guard|drummer|bassist|guitarist|lead singer|frontman|keyboardist|conductor|first violin|organist) (?:of|for|in|with|on|at) (?:the )?([a-z0-9' -]{3,40})",
    )
});
static BODY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:tattoo(?:s|ed)?|scar|birthmark|branding|brand|piercings?)(?: [a-z]+){0,6}? (?:reading|reads|saying|says|spelling|in the shape of|shaped like|with the (?:words?|names?|date|initials|crest|number))\b ?(?:[a-z0-9'“”\x22.’ -]{3,50})|\btattoo(?:s|ed)? of (?:a|an|the|his|her|their) [a-z0-9'“”\x22.’ -]{3,50}|\btattoo(?:s|ed)?(?: [a-z]+){0,5}:? ?(?:reads? )?[\x22“'‘][^\x22”\n]{2,50}[\x22”'’]",
    )
});
const WHY: &str = "A search for this may lead to one person.";

pub(super) fn find(page: &Page<'_>, marks: &mut Vec<Mark>) {
    let mut push = |start: usize, text: &str, weight| {
        let range = start..start + text.trim_end_matches([' ', '-', '\'']).len();
        marks.push(Mark { range, kind: Kind::Other, why: WHY, suggestion: String::new(), weight });
    };
    for found in NEWS.find_iter(&page.lower) {
        // "In the news": of a medicine or a trial.
        let study =
            page.near(&found.range(), 60, &["trial", "drug", "vaccine", "guideline", "recall", "study", "nice", "fda"]);
        let lone = !page.before(found.start(), 1).ends_with(char::is_alphanumeric);
        let short = ["mbe", "obe", "cbe", "kbe", "dbe", "oam"].iter().find(|short| has_word(found.as_str(), &[*short]));
        let honour = short.is_none_or(|short| page.at(&found.range()).contains(&short.to_ascii_uppercase()));
        if lone && !study && honour {
            push(found.start(), found.as_str(), 40);
        }
    }
    for found in SPORT.captures_iter(&page.lower) {
        let (Some(whole), Some(club)) = (found.get(0), found.get(1)) else { continue };
        // A club has a name with a capital.
        if page.at(&club.range()).split(' ').take(3).any(|word| word.starts_with(char::is_uppercase) && word.len() > 2)
        {
            push(whole.start(), whole.as_str(), 48);
        }
    }
    for found in BODY.find_iter(&page.lower) {
        push(found.start(), found.as_str(), 39);
    }
}
