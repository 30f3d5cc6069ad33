//! What is marked in the form of a post, and what its buttons do about it.

use crate::{
    error::{Error, Result},
    service::{
        cases::Mark,
        media,
        posts::{self, NewPost},
    },
    web::{
        marked::{Marked, Said},
        session::Visitor,
        shown::PictureShown,
    },
};

/// The texts of a form, each with the name of its field and what that is called.
pub(in crate::web) type Texts<'a> = Vec<(String, String, &'a mut String)>;

/// The descriptions of pictures, each by its field, and what that is called.
pub(in crate::web) fn picture_texts(
    pictures: &mut [PictureShown],
) -> impl Iterator<Item = (String, String, &mut String)> {
    let numbered = (1_usize..).zip(pictures);
    numbered.map(|(n, one)| (format!("picture-{}", one.id), format!("Description of picture {n}"), &mut one.alt))
}

/// Does to the texts of a form what the button of a mark says, and keeps what became of the descriptions of pictures.
pub(in crate::web) async fn settle(visitor: &Visitor, new: &NewPost, said: &Said, texts: Texts<'_>) -> Result<()> {
    let marks = posts::marks(&visitor.ctx, &visitor.viewer(), new).await?;
    let mut texts: Vec<(String, &mut String)> = texts.into_iter().map(|(field, _, text)| (field, text)).collect();
    said.carry_out(&marks, &mut texts)?;
    for (field, text) in texts {
        if let Some(id) = field.strip_prefix("picture-").and_then(|id| id.parse().ok()) {
            media::describe(&visitor.ctx, &visitor.viewer(), id, Some(text.as_str()), None).await?;
        }
    }
    Ok(())
}

/// Nothing is marked in what is too long to be looked through: of that the form speaks by itself.
pub(in crate::web) fn or_none(marks: Result<Vec<Mark>>) -> Result<Vec<Mark>> {
    match marks {
        Err(Error::Invalid(_)) => Ok(Vec::new()),
        marks => marks,
    }
}

/// What is marked in the texts of a form.
pub(in crate::web) async fn marked(visitor: &Visitor, new: &NewPost, texts: Texts<'_>) -> Result<Marked> {
    let marks = or_none(posts::marks(&visitor.ctx, &visitor.viewer(), new).await)?;
    let texts: Vec<(String, String, &str)> =
        texts.into_iter().map(|(field, label, text)| (field, label, text.as_str())).collect();
    Ok(Marked::of(&marks, &texts))
}
