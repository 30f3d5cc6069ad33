//! What is told of patients never reaches a log: whatever prints such a type by mistake prints its name and its ids.

/// Writes `Debug` for types that hold case text: the name of the type, and the ids that are listed, and nothing else.
macro_rules! discreet {
    ($($name:ident { $($id:ident),* }),+ $(,)?) => { $(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name))$(.field(stringify!($id), &self.$id))*.finish_non_exhaustive()
            }
        }
    )+ };
}
pub(crate) use discreet;

#[cfg(test)]
mod tests {
    use crate::model::{CaseDraft, Kept};

    #[test]
    fn what_a_case_says_is_not_printed() {
        let kept = Kept { words: "Mrs Miller".into(), reason: "She agrees".into(), ..kept() };
        let draft = CaseDraft { question: "Ablate or wait?".into(), kept: vec![kept.clone()], ..CaseDraft::default() };
        assert_eq!((format!("{kept:?}").as_str(), format!("{draft:?}").as_str()), ("Kept { .. }", "CaseDraft { .. }"));
    }

    fn kept() -> Kept {
        Kept { field: "question".into(), words: String::new(), kind: "name".into(), reason: String::new() }
    }
}
