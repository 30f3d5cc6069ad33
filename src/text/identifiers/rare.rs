//! Details that single a person out without any name: an office that one person holds, a first, an only one.
//! What is rare in a place only the author can judge; these are the forms that say so themselves.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    kind::Kind,
    lexicon::{FUNCTION, HOUSE, PLACE, TRAP, WORD},
    page::{Mark, Page, pattern},
    token::Shape,
};

const OFFICE: &str = r"(?:mayor|mayoress|taoiseach|prime minister|lord lieutenant|(?:arch)?bishop|chief constable|(?:county |high |deputy )?sheriff|harbou?r ?-?master|lighthouse keeper|station ?master|post ?master|postmistress|head ?master|head ?mistress|head ?teacher|principal|school principal|vicar|rector|parish priest|curate|church organist|organist|choir ?master|bell ringer|sacristan|verger|imam|rabbi|town crier|town clerk|lord mayor|fire chief|police chief|chief of police|county coroner|state pathologist|ferry captain|ferryman|ferry master|captain|skipper|coxswain|cox|goalkeeper|striker|first violin(?:ist)?|lead singer|conductor|drummer|bass player|ceo|chief executive|managing director|chair(?:man|woman)?|president|ambassador|consul|governor|warden|abbot|abbess|prioress|mother superior|master of the hunt|gamekeeper|laird|lord|lady|earl|countess|duke|duchess|baroness|baron|king|queen|crown prince|chief|clan chief|tribal chief|elder|pharmacist|postman|postwoman|blacksmith|undertaker|butcher|publican|landlord|landlady|midwife|vet|doctor|district nurse|weather presenter|newsreader|presenter|breakfast presenter|editor|manager|coach|head coach|head chef|owner|founder|winner)";
/// "the mayor of Norden", "the ferry captain of the island".
static HELD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"\b(?:the|our|former|ex-|current|deputy|retired)[ ](?:former |current |lord |deputy |local |sitting |retired |acting |town's |only |first |female |lady |last ){{0,2}}{OFFICE} (?:of|at|in|for|on) (the )?([a-zÀ-ɏ'’]{{3,20}})"
    ))
});
static FORM: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"\bthe (?:village|town|island|parish|county|school|club|valley)['’]s (?:only|first|oldest|last|sole) (?:[a-z-]+ ?){1,2}",
        r"|\b(?:olympic|paralympic|all-ireland|wimbledon|grand slam|commonwealth games|eurovision|world cup|nobel|oscar) (?:gold |silver |bronze |prize )?(?:medallist|medalist|champion|winner|laureate|finalist)\b",
        r"|\b(?:former |reigning |current |twice |three-time |two-time )?(?:national|county|world|european|olympic|state|provincial|british|irish|scottish|welsh|english|dutch|german|french|australian|commonwealth|all-ireland) (?:[a-z-]+ ){0,3}(?:champion|record holder|record-holder|medallist|medalist|title holder|captain|team captain)\b",
        r"|\b(?:lottery|euromillions|pools|jackpot) winner\b|\bsole survivor\b|\b(?:mp|td|msp|mep|senator|congressman|congresswoman|member of parliament) for [a-z]{3,}(?: (?:north|south|east|west|central)(?:-[a-z]+)?)?\b",
        r"|\bsurvivor of the [a-z0-9' -]{3,30}(?:crash|bombing|fire|disaster|sinking|shooting|collapse|siege|attack)\b",
        r"|\b(?:miss (?:world|universe|ireland|england|france)|rose of tralee)\b",
    ))
});
/// "the only opal cutter in Andamooka", "the last weaver on the island".
static ONLY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:the|its|our|their) (?:only|sole|first|last|oldest|youngest|tallest|last remaining|only remaining|only female|first female|first black) ((?:[a-zÀ-ɏ'-]+ ){1,4})(?:in|on|at|of|from|to) (the |all of )?([a-zÀ-ɏ'’]{3,20})",
    )
});
const GROUND: &[&str] = &[
    "village",
    "town",
    "island",
    "islands",
    "county",
    "parish",
    "valley",
    "townland",
    "glen",
    "estate",
    "district",
    "road",
    "street",
    "ward",
    "team",
    "regiment",
    "diocese",
    "region",
    "shire",
    "peninsula",
];
/// What may be the only one in a place and is nobody.
const THINGS: &[&str] = &[
    "case",
    "cases",
    "hospital",
    "centre",
    "center",
    "drug",
    "option",
    "treatment",
    "trial",
    "study",
    "therapy",
    "unit",
    "scanner",
    "report",
    "sign",
    "finding",
    "lesion",
    "test",
    "clinic",
    "change",
    "abnormality",
    "source",
    "reason",
    "episode",
    "service",
    "lab",
    "laboratory",
    "patient",
    "patients",
    "survivor",
    "evidence",
    "bed",
    "machine",
    "department",
    "symptom",
    "complaint",
    "time",
    "day",
    "night",
    "thing",
    "place",
    "week",
    "month",
    "year",
    "line",
    "dose",
    "part",
    "half",
    "stage",
    "part",
    "attack",
    "factory",
    "shop",
    "road",
    "bridge",
    "bank",
    "pharmacy",
    "school",
    "train",
    "bus",
];

pub(super) fn find(page: &Page<'_>, marks: &mut Vec<Mark>) {
    let mut push = |range| {
        let why = "Few people, or only one, can be meant by this.";
        marks.push(Mark { range, kind: Kind::Other, why, suggestion: String::new(), weight: 49 });
    };
    for found in page.matches(&FORM) {
        push(found.start()..found.start() + found.as_str().trim_end().len());
    }
    for found in HELD.captures_iter(&page.lower) {
        let (Some(whole), Some(place)) = (found.get(0), found.get(2)) else { continue };
        if is_place(page, &place.range(), found.get(1).is_some())
            && !page.before(whole.start(), 1).ends_with(char::is_alphanumeric)
        {
            push(whole.range());
        }
    }
    for found in ONLY.captures_iter(&page.lower) {
        let (Some(whole), Some(what), Some(place)) = (found.get(0), found.get(1), found.get(3)) else { continue };
        let thing = what.as_str().split(' ').any(|word| THINGS.contains(&word));
        if !thing && is_place(page, &place.range(), found.get(2).is_some()) {
            push(whole.range());
        }
    }
}

/// Whether a word is a place: a town, an island, or a name that no list knows.
fn is_place(page: &Page<'_>, range: &std::ops::Range<usize>, article: bool) -> bool {
    let at = page.tokens.partition_point(|token| token.range.end <= range.start);
    let Some(token) = page.tokens.get(at).filter(|token| token.range.start == range.start) else { return false };
    if article {
        return GROUND.contains(&&*token.key)
            || token.is_capital() && token.is(PLACE.or(HOUSE)) && !token.is(TRAP.or(WORD));
    }
    let unknown = !token.is(WORD.or(TRAP).or(FUNCTION));
    match token.shape {
        Shape::Lower => unknown && (token.is(PLACE) || token.flags == super::lexicon::Flags::NONE),
        Shape::Capital => token.is(PLACE) && !token.is(TRAP.or(FUNCTION)) || unknown,
        Shape::Upper => token.is(PLACE) && unknown,
        _ => false,
    }
}
