//! What a form holds, and what is wrong with it, in the words and the places where it is shown.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};
use askama::Template;
use serde::Deserialize;

use super::{error::Problem, session::Visitor};
use crate::{
    error::{Error, FieldError, Result},
    model::discreet::discreet,
};

/// The fields of a form in their order, where it is not known beforehand which ones there are.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Fields(pub(super) Vec<(String, String)>);

discreet!(Fields {});

impl Fields {
    /// A field, where the form has it.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All fields of a name.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// A number of pixels.
    pub(super) fn pixels(&self, name: &str) -> Option<u32> {
        self.get(name)?.trim().parse().ok()
    }
}

/// What has to be mended before a form can be taken.
#[derive(Debug, Clone, Default)]
pub(super) struct Faults {
    list: Vec<FieldError>,
    conflict: bool,
    wait_seconds: Option<u64>,
}

impl Faults {
    /// A form as it is first shown.
    pub(super) fn none() -> Self {
        Self::default()
    }

    /// Sorts a failure: what the person can mend goes back to the form, everything else on its way.
    /// A collision with what is stored is shown at `field`.
    pub(super) fn of_error(error: Error, field: &'static str) -> Result<Self> {
        match error {
            Error::Invalid(list) => Ok(Self { list, ..Self::default() }),
            Error::Conflict(message) => {
                Ok(Self { list: vec![FieldError { field, message }], conflict: true, wait_seconds: None })
            }
            Error::TooMany(seconds) => {
                let message = Error::TooMany(seconds).public();
                Ok(Self { list: vec![FieldError { field: "", message }], conflict: false, wait_seconds: Some(seconds) })
            }
            Error::NotFound
            | Error::Unauthenticated
            | Error::Forbidden(_)
            | Error::Gone
            | Error::Remote { .. }
            | Error::Unavailable
            | Error::Internal(_) => Err(error),
        }
    }

    /// One more.
    #[must_use]
    pub(super) fn with(mut self, field: &'static str, message: impl Into<String>) -> Self {
        self.list.push(FieldError { field, message: message.into() });
        self
    }

    /// What the form's page shows besides. Where that was asked for too often, the page comes without it and says so: whatever was
    /// typed is on it.
    pub(super) fn besides<T: Default>(mut self, found: Result<T>) -> Result<(T, Self)> {
        let Err(Error::TooMany(seconds)) = found else { return Ok((found?, self)) };
        let said = FieldError { field: "", message: Error::TooMany(seconds).public() };
        if !self.list.contains(&said) {
            self.list.push(said);
        }
        self.wait_seconds = Some(seconds);
        Ok((T::default(), self))
    }

    /// Whether there are any.
    pub(super) fn any(&self) -> bool {
        !self.list.is_empty()
    }

    /// All of them, in the order of the fields.
    pub(super) fn all(&self) -> &[FieldError] {
        &self.list
    }

    /// What is wrong with a field; empty where it is fine.
    pub(super) fn at(&self, field: &str) -> &str {
        self.list.iter().find(|f| f.field == field).map(|f| f.message.as_str()).unwrap_or_default()
    }

    /// The form's page with the status that fits: 200, 409, 422 or 429.
    pub(super) fn page(&self, visitor: &Visitor, template: &impl Template) -> Result<HttpResponse, Problem> {
        let status = match self.wait_seconds {
            Some(_) => StatusCode::TOO_MANY_REQUESTS,
            None if self.conflict => StatusCode::CONFLICT,
            None if !self.any() => StatusCode::OK,
            None => StatusCode::UNPROCESSABLE_ENTITY,
        };
        let mut response = visitor.page_with(status, template)?;
        if let Some(seconds) = self.wait_seconds {
            response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from(seconds));
        }
        Ok(response)
    }
}

/// "Please check 2 things".
pub(super) fn heading(faults: usize) -> String {
    if faults > 1 { format!("Please check {faults} things") } else { "Please check one thing".into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_person_can_mend_goes_back_to_the_form() {
        let faults = Faults::of_error(Error::invalid("email", "Enter an address."), "name").unwrap();
        assert!(!faults.at("email").is_empty() && faults.at("name").is_empty());
        assert_eq!(faults.at("email"), "Enter an address.");
        assert_eq!(Faults::of_error(Error::Conflict("Taken.".into()), "name").unwrap().at("name"), "Taken.");
        assert!(Faults::of_error(Error::NotFound, "name").is_err());
    }

    #[test]
    fn a_page_comes_without_what_was_asked_for_too_often_and_says_so_once() {
        let faults = Faults::none().with("text", "Too long.");
        let (found, faults) = faults.besides(Ok(vec![7])).unwrap();
        assert_eq!((found, faults.all().len(), faults.wait_seconds), (vec![7], 1, None));
        let (found, faults) = faults.besides::<Vec<i32>>(Err(Error::TooMany(60))).unwrap();
        assert_eq!((found, faults.all().len(), faults.wait_seconds), (Vec::new(), 2, Some(60)));
        let (_, faults) = faults.besides::<Vec<i32>>(Err(Error::TooMany(60))).unwrap();
        assert_eq!((faults.all().len(), faults.at("text")), (2, "Too long."));
        assert!(faults.besides::<Vec<i32>>(Err(Error::NotFound)).is_err());
    }
}
