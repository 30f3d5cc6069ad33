//! Ballots about the options of a case, and what came of them, as groups and their members' servers tell each other.

use serde_json::{Value, json};

use super::value;
use crate::{
    model::{Ranking, RankingCell, RankingColumn},
    policy::{disciplines::Discipline, ranking as policy},
};

/// What a ballot is called.
const BALLOT: &str = "RankedBallot";
/// What came of ballots is called so.
const RESULT: &str = "RankingResult";
/// Most people of whom a number is believed.
const MOST: i64 = 1_000_000_000;

/// Writes a ballot, for the group alone: places of options, the first choice first.
pub fn write_ballot(id: &str, voter: &str, case: &str, group: &str, ranks: &[i16]) -> Value {
    json!({ "id": id, "type": BALLOT, "attributedTo": voter, "inReplyTo": case, "to": [group], "ranking": ranks })
}

/// A ballot: the case, and places of options.
pub fn ballot(object: &Value) -> Option<(&str, Vec<usize>)> {
    value::is(object, BALLOT).then_some(())?;
    let place = |place: &Value| place.as_u64().and_then(|place| usize::try_from(place).ok());
    let ranks: Option<Vec<usize>> =
        value::list(object, "ranking").into_iter().take(policy::CHOICES + 1).map(place).collect();
    Some((value::id(object, "inReplyTo")?, ranks?))
}

/// Writes what came of the ballots about a case in a group.
pub fn write_result(id: &str, group: &str, case: &str, result: &Ranking) -> Value {
    let cell = |cell: &RankingCell| json!({ "points": cell.points, "first": cell.first });
    let column = |column: &RankingColumn| {
        let options: Vec<Value> = column.cells.iter().map(cell).collect();
        json!({ "who": column.who, "ballots": column.ballots, "options": options })
    };
    let columns: Vec<Value> = result.columns.iter().map(column).collect();
    json!({
        "id": id,
        "type": RESULT,
        "attributedTo": group,
        "inReplyTo": case,
        "ranking": { "ballots": result.ballots, "by": columns },
    })
}

/// What came of ballots: the case, and what is told.
pub fn result(object: &Value) -> Option<(&str, Ranking)> {
    value::is(object, RESULT).then_some(())?;
    let told = object.get("ranking").filter(|told| told.is_object())?;
    let columns = value::list(told, "by").into_iter().take(100).map(column).collect::<Option<Vec<_>>>()?;
    Some((value::id(object, "inReplyTo")?, Ranking { ballots: number(told, "ballots")?, columns }))
}

fn column(told: &Value) -> Option<RankingColumn> {
    let who = value::text(told, "who")?;
    let is_known = [Ranking::EVERYBODY, Ranking::UNVERIFIED, Ranking::OTHERS].contains(&who);
    (is_known || Discipline::find(who).is_some()).then_some(())?;
    let cell = |cell: &Value| RankingCell { points: number(cell, "points"), first: number(cell, "first") };
    let options = value::list(told, "options").into_iter().take(*policy::OPTIONS.end());
    Some(RankingColumn { who: who.to_owned(), ballots: number(told, "ballots")?, cells: options.map(cell).collect() })
}

fn number(object: &Value, key: &str) -> Option<i64> {
    object.get(key).and_then(Value::as_i64).filter(|number| (0..=MOST).contains(number))
}

/// Says in the context of a document what its words about rankings mean.
pub fn add_terms(document: &mut Value, terms: &str) {
    let term = json!({
        "consilium": format!("{terms}#"),
        (BALLOT): format!("consilium:{BALLOT}"),
        (RESULT): format!("consilium:{RESULT}"),
        "ranking": { "@id": "consilium:ranking", "@type": "@json" },
    });
    if let Some(context) = document.get_mut("@context").and_then(Value::as_array_mut) {
        context.push(term);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASE: &str = "https://a.example/p/1";

    #[test]
    fn a_ballot_is_read_as_it_is_written() {
        let written =
            write_ballot("https://b.example/b/1", "https://b.example/u/bo", CASE, "https://a.example/g", &[2, 0]);
        assert_eq!(ballot(&written), Some((CASE, vec![2, 0])));
        for odd in [json!([-1]), json!(["first"]), json!([0.5]), json!({ "a": 1 })] {
            let odd = json!({ "type": BALLOT, "inReplyTo": CASE, "ranking": odd });
            assert_eq!(ballot(&odd), None, "{odd}");
        }
        assert_eq!(ballot(&json!({ "type": "Note", "inReplyTo": CASE, "ranking": [0] })), None);
    }

    #[test]
    fn what_came_of_ballots_is_read_as_it_is_written_and_nothing_else() {
        let told = |points, first| RankingCell { points, first };
        let cells = vec![told(Some(14), None), told(None, Some(6))];
        let columns = vec![
            RankingColumn { who: Ranking::EVERYBODY.into(), ballots: 11, cells: cells.clone() },
            RankingColumn { who: "nursing".into(), ballots: 6, cells },
        ];
        let ranking = Ranking { ballots: 11, columns };
        let written = write_result("https://a.example/r/1", "https://a.example/g", CASE, &ranking);
        assert_eq!(result(&written), Some((CASE, ranking)));
        let by = |by: Value| json!({ "type": RESULT, "inReplyTo": CASE, "ranking": { "ballots": 5, "by": by } });
        assert!(result(&by(json!([]))).is_some());
        for odd in [json!([{ "who": "<b>", "ballots": 5 }]), json!([{ "who": "all", "ballots": -5 }]), json!(["all"])] {
            assert_eq!(result(&by(odd.clone())), None, "{odd}");
        }
    }
}
