//! Names by the second opinion: what is likely one and was not found is added, and what was found by a weak sign alone and is
//! hardly one is left out.

use super::{
    super::{
        learned::Likely,
        second::{Shares, is_doubted, spans},
    },
    Reader,
};

/// A word from here on is taken for a name.
const ADDED: f32 = 0.45;
/// A weak name of which no word comes up to here is none.
const DOUBTED: f32 = 0.2;
/// Names are weak up to this weight.
const WEAK: u8 = 50;

impl Reader<'_, '_> {
    /// Adds names, and leaves weak ones out.
    pub(super) fn second(&mut self, opinion: &[Option<Likely>]) {
        let shares: Shares = opinion.iter().map(|likely| likely.map(|likely| likely.name)).collect();
        let doubted = |first: usize, last: usize| is_doubted(&shares, first..last + 1, DOUBTED);
        for gone in self
            .names
            .extract_if(.., |name| (name.weight <= 43 || name.weight == WEAK) && doubted(name.first, name.last))
        {
            if let Some(taken) = self.taken.get_mut(gone.first..=gone.last) {
                taken.fill(false);
            }
        }
        for (first, last) in spans(self.page, &shares, ADDED) {
            // "Mr X" is nobody.
            let nobody = first == last && self.token(first).is_some_and(|token| token.text == "X");
            if !nobody && !(first..=last).any(|at| self.is_taken(at)) {
                self.take(first, last, ("the patient".into(), "the patient".into()), 38);
            }
        }
    }
}
