/// Reasons that often come up at the desk: a key, and the sentence for the holder.
pub static REASONS: &[(&str, &str)] = &[
    ("not-found", "The register does not have this number, or has it under another name. Please check both."),
    ("name", "The name differs from the one in the register. Please show where the difference comes from."),
    ("lapsed", "The register says that the registration is not current."),
    ("conditions", "The register shows conditions. Please tell us what they mean for your work here."),
    ("unreadable", "The document cannot be read. Please send a clearer copy, all of the page and no patient on it."),
    ("document", "A document that shows what you claim is missing."),
    ("body", "We could not reach the body that issued it. Please tell us whom to ask there."),
    ("employment", "The personnel office could not confirm this employment."),
    ("double", "You have another credential that says the same."),
];
