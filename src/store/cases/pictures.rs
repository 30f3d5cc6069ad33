//! Pictures of cases that are being written, sealed; they go with their draft. Whoever calls has found the draft before.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    error::Result,
    model::{CaseDraftId, CasePictureId},
    schema::case_pictures,
    store::{Conn, fault},
};

/// One to keep.
#[derive(Debug)]
pub struct NewPicture {
    /// Its id.
    pub id: CasePictureId,
    /// Of which draft.
    pub draft: CaseDraftId,
    /// Its file, sealed.
    pub sealed: Vec<u8>,
    /// Media type.
    pub mime: String,
    /// Width and height in pixels.
    pub size: (i32, i32),
}

/// Keeps one.
pub async fn insert(conn: &mut Conn, new: NewPicture) -> Result<()> {
    diesel::insert_into(case_pictures::table)
        .values((
            case_pictures::id.eq(new.id),
            case_pictures::draft_id.eq(new.draft),
            case_pictures::sealed.eq(new.sealed),
            case_pictures::mime.eq(new.mime),
            case_pictures::width.eq(new.size.0),
            case_pictures::height.eq(new.size.1),
        ))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// The sealed file of one, and its media type.
pub async fn find(conn: &mut Conn, draft: CaseDraftId, id: CasePictureId) -> Result<Option<(Vec<u8>, String)>> {
    case_pictures::table
        .find(id)
        .filter(case_pictures::draft_id.eq(draft))
        .select((case_pictures::sealed, case_pictures::mime))
        .first(conn)
        .await
        .optional()
        .map_err(fault)
}

/// Those of a draft: each with its width and height in pixels.
pub async fn sizes(conn: &mut Conn, draft: CaseDraftId) -> Result<Vec<(CasePictureId, i32, i32)>> {
    case_pictures::table
        .filter(case_pictures::draft_id.eq(draft))
        .order(case_pictures::id)
        .limit(100)
        .select((case_pictures::id, case_pictures::width, case_pictures::height))
        .load(conn)
        .await
        .map_err(fault)
}

/// Deletes one for good.
pub async fn delete(conn: &mut Conn, draft: CaseDraftId, id: CasePictureId) -> Result<()> {
    diesel::delete(case_pictures::table.find(id).filter(case_pictures::draft_id.eq(draft)))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}
