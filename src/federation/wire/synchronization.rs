//! The header that tells whom of a server's people somebody is followed by (FEP-8fcf).

/// Its name.
pub const HEADER: &str = "collection-synchronization";

/// Longest header that is read, in bytes.
const MAX: usize = 8_192;

/// What the header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The followers collection.
    pub collection: String,
    /// Where the part of it stands that is of the receiver's server.
    pub url: String,
    /// What that part comes to, in hexadecimal.
    pub digest: String,
}

/// Reads a header.
pub fn read(header: &str) -> Option<Told> {
    if header.len() > MAX {
        return None;
    }
    let (mut collection, mut url, mut digest) = (None, None, None);
    let mut rest = header;
    while let Some((name, quoted)) = rest.split_once("=\"") {
        let (value, after) = quoted.split_once('"')?;
        let value = Some(value.to_owned());
        match name.trim_matches([' ', ',', '\t']) {
            "collectionId" => collection = value,
            "url" => url = value,
            "digest" => digest = value.map(|digest| digest.to_ascii_lowercase()),
            _ => {}
        }
        rest = after;
    }
    Some(Told { collection: collection?, url: url?, digest: digest? })
}

/// Writes a header.
pub fn write(told: &Told) -> String {
    format!("collectionId=\"{}\", url=\"{}\", digest=\"{}\"", told.collection, told.url, told.digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_of_followers_is_read_back() {
        let told = Told {
            collection: "https://a.example/users/ada/followers".into(),
            url: "https://a.example/users/ada/followers_synchronization?x=1,2".into(),
            digest: "00ff".into(),
        };
        assert_eq!(read(&write(&told)), Some(told.clone()));
        let other = format!("digest=\"00FF\",url=\"{}\",new=\"x\",collectionId=\"{}\"", told.url, told.collection);
        assert_eq!(read(&other), Some(told), "in any order, with what is unknown passed over");
        for broken in ["", "digest=\"00ff\"", "collectionId=\"a\", url=\"b", "collectionId=a, url=b, digest=c"] {
            assert_eq!(read(broken), None, "{broken}");
        }
    }
}
