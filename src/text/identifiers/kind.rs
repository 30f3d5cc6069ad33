//! The kinds of identifiers: those of 45 CFR 164.514(b)(2), and the national numbers of other countries.
//! Their words are what the interface and the command say.

/// What identifies somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A person's name or initials.
    Name,
    /// A date that is more exact than its year.
    Date,
    /// An age of 90 or more.
    AgeOver89,
    /// A place smaller than a country or state.
    Location,
    /// A telephone or pager number.
    Phone,
    /// A fax number.
    Fax,
    /// An e-mail address.
    Email,
    /// A United States social security number.
    Ssn,
    /// A number under which a hospital, laboratory or office keeps a case.
    Mrn,
    /// A number of an insured person or a policy.
    HealthPlan,
    /// A number of an account, a card or an invoice.
    Account,
    /// A number of a licence, certificate or professional registration.
    License,
    /// A number plate or the number of a vehicle.
    Vehicle,
    /// A serial number of a device or an implant.
    Device,
    /// A web address.
    Url,
    /// An address of a computer on the internet.
    Ip,
    /// A number that a state gives to a person.
    NationalId,
    /// Anything else that is unique to one person.
    Other,
}

impl Kind {
    /// Every kind.
    pub const ALL: &[Self] = &[
        Self::Name,
        Self::Date,
        Self::AgeOver89,
        Self::Location,
        Self::Phone,
        Self::Fax,
        Self::Email,
        Self::Ssn,
        Self::Mrn,
        Self::HealthPlan,
        Self::Account,
        Self::License,
        Self::Vehicle,
        Self::Device,
        Self::Url,
        Self::Ip,
        Self::NationalId,
        Self::Other,
    ];

    /// Its name for programs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Date => "date",
            Self::AgeOver89 => "age_over_89",
            Self::Location => "location",
            Self::Phone => "phone",
            Self::Fax => "fax",
            Self::Email => "email",
            Self::Ssn => "ssn",
            Self::Mrn => "mrn",
            Self::HealthPlan => "health_plan",
            Self::Account => "account",
            Self::License => "license",
            Self::Vehicle => "vehicle",
            Self::Device => "device",
            Self::Url => "url",
            Self::Ip => "ip",
            Self::NationalId => "national_id",
            Self::Other => "other",
        }
    }

    /// Its name in words for the author.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Name => "a name",
            Self::Date => "a date",
            Self::AgeOver89 => "an age over 89",
            Self::Location => "a place",
            Self::Phone => "a telephone number",
            Self::Fax => "a fax number",
            Self::Email => "an e-mail address",
            Self::Ssn => "a social security number",
            Self::Mrn => "a record number",
            Self::HealthPlan => "an insurance number",
            Self::Account => "an account number",
            Self::License => "a licence or registration number",
            Self::Vehicle => "a number plate or vehicle number",
            Self::Device => "a device number",
            Self::Url => "a web address",
            Self::Ip => "an internet address",
            Self::NationalId => "a national number",
            Self::Other => "a detail that is unique to one person",
        }
    }
}
