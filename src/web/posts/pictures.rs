//! The pictures of a post that is being written: taken in with its form, described, and, where it is for a group, covered and looked
//! at one by one. Nothing has to be sent twice, and whatever is pressed, the form comes back with what was typed.

use actix_web::{HttpResponse, web};
use bytes::Bytes;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use url::form_urlencoded;

use crate::{
    error::{Error, FieldError, Result},
    model::{Cover, Media, MediaId},
    policy::cases::MAX_BOXES,
    service::{
        media::{self, Covering, PictureSize},
        posts::Looked,
    },
    web::{
        cover::{self, LARGE, Shown, Tool, Ways},
        error::Problem,
        form::Fields,
        session::Visitor,
        shown::PictureShown,
    },
};

/// The button that takes in what was chosen, and does nothing else.
const LOOK: &str = "look";

/// A form with pictures: what it says of itself, and all of its fields, some of which are named after a picture.
#[derive(Debug)]
pub(in crate::web) struct WithPictures<T> {
    /// What it says of itself.
    pub own: T,
    /// Its fields.
    pub fields: Fields,
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for WithPictures<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = Fields::deserialize(deserializer)?;
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields.0).finish();
        let own = serde_html_form::from_str(&body).map_err(serde::de::Error::custom)?;
        Ok(Self { own, fields })
    }
}

/// What was pressed at the tool of a picture. It stands in the address, as the fields are those of the whole form.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Pressed {
    /// `open`, `tap`, `cover` or `uncover`; empty where something else was pressed.
    deed: String,
    picture: Option<MediaId>,
    w: u32,
    h: u32,
}

/// A picture that is being covered.
#[derive(Debug, Clone)]
struct Open {
    id: MediaId,
    size: PictureSize,
    over: Covering,
    is_large: bool,
}

/// The pictures of a post that is being written.
#[derive(Debug, Clone, Default)]
pub(in crate::web) struct Pictures {
    /// In order.
    pub list: Vec<PictureShown>,
    /// Those that the author has looked at.
    looked: Vec<MediaId>,
    /// The one that is being covered. Its boxes travel with the form until something else is pressed: then they are painted.
    open: Option<Open>,
}

/// What is said of an upload, where the form shows it.
fn at_pictures(error: Error) -> Error {
    match error {
        Error::Invalid(faults) => {
            Error::Invalid(faults.into_iter().map(|one| FieldError { field: "pictures", ..one }).collect())
        }
        other => other,
    }
}

impl Pictures {
    /// Those of a post or of a draft, of which the author has looked at these.
    pub(in crate::web) fn of(media: &[Media], looked: Vec<MediaId>) -> Self {
        Self { list: media.iter().map(PictureShown::from).collect(), looked, open: None }
    }

    /// Their ids, in order.
    pub(in crate::web) fn ids(&self) -> Vec<MediaId> {
        self.list.iter().map(|one| MediaId(one.id)).collect()
    }

    /// Those that the author has looked at.
    pub(in crate::web) fn looked(&self) -> Looked {
        Looked::At(self.looked.clone())
    }

    /// What stands in a post says of itself what it said before.
    pub(in crate::web) fn stand(&mut self, posted: &[Media]) {
        for one in &mut self.list {
            if let Some(known) = posted.iter().find(|known| known.id.0 == one.id) {
                one.alt.clone_from(&known.description);
            }
        }
    }

    /// Takes in the pictures of a form, and describes those that were there.
    pub(in crate::web) async fn take(
        &mut self,
        visitor: &Visitor,
        fields: &Fields,
        files: &[(String, Bytes)],
    ) -> Result<()> {
        let (ctx, viewer) = (&visitor.ctx, visitor.viewer());
        let covering = fields.get("covering").and_then(|id| id.parse::<MediaId>().ok());
        let (mut alts, mut told) = (fields.all("alt"), Vec::new());
        for id in fields.all("picture") {
            let alt = alts.next();
            let Ok(id) = id.parse::<MediaId>() else { continue };
            let media = media::find(ctx, &viewer, id).await?;
            if covering == Some(id)
                && let Ok(size) = media::size_to_cover(&media)
            {
                let over = read(fields.get("covered").unwrap_or_default());
                self.open = Some(Open { id, size, over, is_large: false });
            }
            self.list.push(PictureShown::from(&media));
            told.push((id, alt));
        }
        let ids = self.ids();
        let looked = fields.all("looked").filter_map(|id| id.parse::<MediaId>().ok());
        self.looked = looked.filter(|id| ids.contains(id)).collect();
        for (shown, (id, alt)) in self.list.iter_mut().zip(told) {
            let Some(alt) = alt.map(str::trim) else { continue };
            media::describe(ctx, &viewer, id, Some(alt), None).await?;
            alt.clone_into(&mut shown.alt);
        }
        self.add(visitor, fields, files).await
    }

    /// Takes in what was chosen.
    async fn add(&mut self, visitor: &Visitor, fields: &Fields, files: &[(String, Bytes)]) -> Result<()> {
        let most = visitor.ctx.config.media.per_post;
        let sent: Vec<&Bytes> = files.iter().filter(|(name, _)| name == "file").map(|(_, bytes)| bytes).collect();
        if sent.len() > most.saturating_sub(self.list.len()) {
            return Err(Error::invalid("pictures", format!("A post may have {most} pictures.")));
        }
        let mut alts = fields.all("new_alt");
        for bytes in sent {
            let words = alts.next().unwrap_or_default();
            let made = media::upload(&visitor.ctx, &visitor.viewer(), bytes.clone(), words, None).await;
            self.list.push(PictureShown::from(&made.map_err(at_pictures)?));
        }
        Ok(())
    }

    /// Does what was pressed at the tool of a picture; where something else was, what is to be covered is painted over for good. True
    /// where nothing else is to be done.
    pub(in crate::web) async fn press(
        &mut self,
        visitor: &Visitor,
        fields: &Fields,
        pressed: &Pressed,
    ) -> Result<bool> {
        let asked = pressed.picture.filter(|id| !pressed.deed.is_empty() && self.ids().contains(id));
        if self.open.as_ref().is_some_and(|open| Some(open.id) != asked) {
            self.paint(visitor).await?;
        }
        let Some(id) = asked else { return Ok(fields.get("act") == Some(LOOK)) };
        let mut open = if let Some(open) = self.open.take() {
            open
        } else {
            let media = media::find(&visitor.ctx, &visitor.viewer(), id).await?;
            Open { id, size: media::size_to_cover(&media)?, over: Covering::default(), is_large: false }
        };
        open.is_large = pressed.w == LARGE;
        let done = carry_out(&mut open, fields, pressed);
        if pressed.deed != "open" {
            // Whoever covers anew looks anew.
            self.looked.retain(|one| *one != id);
        }
        self.open = Some(open);
        done.map(|()| true).map_err(at_pictures)
    }

    /// Paints over for good what is to be covered.
    async fn paint(&mut self, visitor: &Visitor) -> Result<()> {
        let Some(Open { id, over, .. }) = &self.open else { return Ok(()) };
        let Some(place) = self.list.iter().position(|one| one.id == id.0) else { return Ok(()) };
        if over.corner.is_some() {
            let words = "a box has one corner only. Give the other one, or undo it.";
            return Err(Error::invalid("pictures", format!("Picture {}: {words}", place + 1)));
        }
        if !over.boxes.is_empty() {
            let (ctx, viewer) = (&visitor.ctx, visitor.viewer());
            media::paint(ctx, &viewer, *id, &over.boxes).await?;
            let painted = PictureShown::from(&media::find(ctx, &viewer, *id).await?);
            if let Some(one) = self.list.get_mut(place) {
                *one = painted;
            }
        }
        self.open = None;
        Ok(())
    }

    /// For the page. `way` is where its form goes, where the post is for a group; `posted` are those that stand in the post, which
    /// were looked at before.
    pub(in crate::web) fn form(&self, visitor: &Visitor, way: Option<&str>, posted: &[MediaId]) -> PicturesForm {
        let field = |(number, shown): (usize, &PictureShown)| {
            let id = MediaId(shown.id);
            let way = way.filter(|_| !posted.contains(&id));
            let open = self.open.as_ref().filter(|open| open.id == id).zip(way);
            PictureField {
                number,
                asks: way.is_some(),
                looked: self.looked.contains(&id),
                cover: way.map(|way| format!("{way}?deed=open&picture={id}#picture-{id}")).unwrap_or_default(),
                covered: open.map(|(open, _)| written(&open.over)).unwrap_or_default(),
                tool: open.map(|(open, way)| open.tool(number, way)),
                shown: shown.clone(),
            }
        };
        let open = self.open.as_ref().map(|open| format!("?deed=open&picture={}", open.id)).unwrap_or_default();
        PicturesForm {
            more: visitor.ctx.config.media.per_post.saturating_sub(self.list.len()),
            grouped: way.is_some(),
            again: way.map(|way| format!("{way}{open}")).unwrap_or_default(),
            list: (1..).zip(&self.list).map(field).collect(),
        }
    }
}

fn carry_out(open: &mut Open, fields: &Fields, pressed: &Pressed) -> Result<()> {
    let Open { id, size, over, .. } = open;
    match pressed.deed.as_str() {
        "tap" => {
            let (x, y) = cover::tapped(fields, Shown { w: pressed.w, h: pressed.h }, *size)?;
            over.tap(*size, x, y)
        }
        "cover" => over.add(*size, cover::area(fields, id.0, &over.boxes, *size)?),
        "uncover" => {
            over.undo();
            Ok(())
        }
        _ => Ok(()),
    }
}

impl Open {
    fn tool(&self, number: usize, way: &str) -> Tool {
        let (id, place) = (self.id, format!("#picture-{}", self.id));
        let to = |deed: &str| format!("{way}?deed={deed}&picture={id}");
        let to = Ways {
            picture: format!("/pictures/{id}?covered={}", written(&self.over)),
            tap: to("tap") + "&",
            cover: to("cover") + &place,
            uncover: to("uncover") + &place,
            place,
        };
        let tool = Tool::of((id.0, number), self.size, self.over.boxes.len(), self.over.corner, to);
        Tool { is_large: self.is_large, ..tool }
    }
}

/// What covers a picture, as forms and addresses carry it: boxes, and then perhaps a corner, as in `10.20.30.16-40.50`.
fn written(over: &Covering) -> String {
    let boxes = over.boxes.iter().map(|one| format!("{}.{}.{}.{}", one.x, one.y, one.width, one.height));
    let corner = over.corner.map(|(x, y)| format!("{x}.{y}"));
    boxes.chain(corner).collect::<Vec<_>>().join("-")
}

fn read(text: &str) -> Covering {
    let mut over = Covering::default();
    for part in text.split('-').take(MAX_BOXES + 1) {
        let numbers: Vec<u32> = part.split('.').filter_map(|number| number.parse().ok()).collect();
        match *numbers.as_slice() {
            [x, y, width, height] if over.boxes.len() < MAX_BOXES => over.boxes.push(Cover { x, y, width, height }),
            [x, y] => over.corner = Some((x, y)),
            _ => {}
        }
    }
    over
}

/// The pictures of a form, for its page.
#[derive(Debug)]
pub(in crate::web) struct PicturesForm {
    /// In order.
    pub list: Vec<PictureField>,
    /// Pictures that may still be added.
    pub more: usize,
    /// The post is for a group.
    pub grouped: bool,
    /// Where the form goes that only comes back as it is.
    pub again: String,
}

/// A picture in the form.
#[derive(Debug)]
pub(in crate::web) struct PictureField {
    /// The picture.
    pub shown: PictureShown,
    /// Which one it is, from 1.
    pub number: usize,
    /// Its author is to look at it, and may cover parts of it.
    pub asks: bool,
    /// Its author has looked.
    pub looked: bool,
    /// Where the form goes that opens the tool.
    pub cover: String,
    /// What is to be covered.
    pub covered: String,
    /// The tool, where it is open.
    pub tool: Option<Tool>,
}

/// What an address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Covered {
    covered: String,
}

/// `GET /pictures/{id}?covered=10.20.30.16`: one's own picture that is part of no post, with boxes painted in.
pub(in crate::web) async fn show(
    visitor: Visitor,
    id: web::Path<MediaId>,
    asked: web::Query<Covered>,
) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let (bytes, mime) = media::preview(&visitor.ctx, &visitor.viewer(), *id, read(&asked.covered)).await?;
    Ok(cover::file(bytes, mime))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_be_covered_travels_with_the_form() {
        let over = Covering {
            boxes: vec![Cover { x: 10, y: 20, width: 30, height: 16 }, Cover { x: 0, y: 0, width: 9, height: 9 }],
            corner: Some((40, 50)),
        };
        assert_eq!(written(&over), "10.20.30.16-0.0.9.9-40.50");
        assert_eq!(read(&written(&over)), over);
        assert_eq!(read(""), Covering::default());
        assert_eq!(read("x.1.2.3-7-1.2.3.4.5"), Covering::default());
        let many = vec!["1.1.1.1"; MAX_BOXES + 9].join("-");
        assert_eq!(read(&many).boxes.len(), MAX_BOXES);
    }

    #[test]
    fn a_form_is_read_as_its_own_and_by_the_names_of_its_fields() {
        #[derive(Debug, Deserialize)]
        struct Own {
            text: String,
            mark: Vec<String>,
        }
        let form: WithPictures<Own> = serde_html_form::from_str("text=a%26b&mark=1&mark=2&left-7=3").unwrap();
        assert_eq!((form.own.text.as_str(), form.own.mark.len()), ("a&b", 2));
        assert_eq!(form.fields.pixels("left-7"), Some(3));
    }
}
