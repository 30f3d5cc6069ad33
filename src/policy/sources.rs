//! When the world outside is asked about a source: whoever is asked learns that somebody here reads it.

use chrono::{DateTime, TimeDelta, Utc};

/// Most sources of a case or a reply.
pub const MAX_SOURCES: usize = 20;
/// Longest list of them as it is typed, in characters.
pub const MAX_LIST: usize = 8_000;

/// When a source is asked about that is named where not everybody reads: at a full hour, together with others, any of so many
/// hours away. `dice` says which. Without any such hours it is now.
pub fn batch(now: DateTime<Utc>, spread_hours: i64, dice: u32) -> DateTime<Utc> {
    if spread_hours < 1 {
        return now;
    }
    let hour = DateTime::from_timestamp(now.timestamp().div_euclid(3_600).saturating_mul(3_600), 0).unwrap_or(now);
    hour + TimeDelta::hours(1 + i64::from(dice) % spread_hours)
}

/// When one is asked about again that could not be had so many times; none once that was often enough.
pub fn again(
    now: DateTime<Utc>,
    attempts: i32,
    most: i32,
    first_seconds: i64,
    longest_seconds: i64,
) -> Option<DateTime<Utc>> {
    let doublings = attempts.clamp(1, 30) - 1;
    let wait = first_seconds.max(1).saturating_mul(1_i64 << doublings).min(longest_seconds.max(1));
    (attempts < most).then(|| now + TimeDelta::seconds(wait))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_few_may_read_is_asked_at_a_full_hour_of_the_coming_ones() {
        let now = DateTime::parse_from_rfc3339("2026-11-24T12:34:56Z").unwrap().to_utc();
        let at = |dice| batch(now, 24, dice).to_rfc3339();
        assert_eq!((at(0), at(24)), ("2026-11-24T13:00:00+00:00".to_owned(), at(0)));
        assert_eq!(at(23), "2026-11-25T12:00:00+00:00");
        assert_eq!(batch(now, 0, 7), now);
    }

    #[test]
    fn who_gives_no_answer_is_asked_again_ever_later_and_not_for_ever() {
        let now = DateTime::UNIX_EPOCH;
        let wait = |attempts| again(now, attempts, 5, 60, 300).map(|at| (at - now).num_seconds());
        assert_eq!([1, 2, 3, 4, 5].map(wait), [Some(60), Some(120), Some(240), Some(300), None]);
        assert_eq!(again(now, 40, 50, i64::MAX, 300).map(|at| (at - now).num_seconds()), Some(300));
    }
}
