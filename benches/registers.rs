//! `cargo bench --bench registers [-- --quick]`: a copy of the American register in its true layout of 330 columns, taken
//! in over a private PostgreSQL; and a new copy of 100,000 rows held against 10,000 attested credentials.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark ends loudly and prints"
)]

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use consilium::{
    config::{Config, Secret},
    server,
    service::{
        Ctx,
        registers::{self, Outcome, Progress, Source},
    },
    store::{
        Conn,
        embedded::{Cluster, Durability},
    },
};
use diesel_async::{AsyncConnection, SimpleAsyncConnection};

const HOST: &str = "bench.test";
/// Rows of the two copies that are compared, and credentials that are attested.
const COMPARED: u32 = 100_000;
const ATTESTED: u32 = 10_000;

const FAMILIES: [&str; 8] = ["SMITH", "JOHNSON", "GARCIA", "NGUYEN", "O'BRIEN", "VAN DER BERG", "KADER", "LINDQVIST"];
const GIVEN: [&str; 8] = ["MARY", "JAMES", "LINDA", "JOSE", "SAMIRA", "WEI", "PATRICIA ANN", "BO"];
const CODES: [&str; 4] = ["207R00000X", "207RC0000X", "363LF0000X", "208600000X"];

fn main() {
    let quick = std::env::args().any(|a| a == "--quick");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(all(quick));
}

async fn all(quick: bool) {
    let folder = PathBuf::from(format!("/var/tmp/consilium-bench-registers-{}", std::process::id()));
    let cluster = Cluster::start(&folder, Durability::Safe).unwrap();
    cluster.create_database("bench", None).await.unwrap();
    let url = cluster.url("bench");
    let text = format!(
        "[instance]\npublic_url = \"http://{HOST}\"\n[database]\nurl = \"{}\"\n[federation]\nallow_insecure = true\n",
        url.expose()
    );
    let house = server::open(Config::parse(&text, &folder, std::iter::empty()).unwrap()).await.unwrap();
    large(&house.ctx, &folder, if quick { 100_000 } else { 1_000_000 }).await;
    compared(&house.ctx, &folder, &url).await;
    drop(house);
    drop(cluster);
    std::fs::remove_dir_all(&folder).unwrap();
}

/// How fast a large copy is taken in, of which every fifth line is an organisation.
async fn large(ctx: &Ctx, folder: &Path, lines: u32) {
    let path = folder.join("npidata.csv");
    let kilobytes = Sheet::new(&path).write(lines, |n| if n % 5 == 4 { Kind::Organisation } else { Kind::Person });
    println!("a copy of {lines} lines, 330 columns: {:>34.0} MB", f64::from(kilobytes) / 1_024.0);
    let (before, begun) = (peak(), Instant::now());
    let outcome = import(ctx, &path).await;
    let seconds = begun.elapsed().as_secs_f64();
    assert_eq!((outcome.counts.rows, outcome.counts.refused), (i64::from(lines - lines / 5), 0));
    println!(
        "taken in, with its index                      {:>10.0} lines/s ({seconds:.1} s)",
        f64::from(lines) / seconds
    );
    println!("most memory of this process                   {:>10.1} MB ({before:.1} MB before)", peak());
    std::fs::remove_file(&path).unwrap();
}

/// How long it takes to hold one copy against another, and to open the re-checks that follow.
async fn compared(ctx: &Ctx, folder: &Path, url: &Secret) {
    let path = folder.join("before.csv");
    Sheet::new(&path).write(COMPARED, |_| Kind::Person);
    let before = import(ctx, &path).await;
    assert_eq!((before.counts.rows, before.rechecks), (i64::from(COMPARED), 0));
    let sql = format!(
        "INSERT INTO accounts (username, uri, url, name)
           SELECT 'h' || n, 'http://{HOST}/users/h' || n, 'http://{HOST}/@h' || n, 'Holder ' || n FROM generate_series(1, {ATTESTED}) n;
         INSERT INTO accounts (username, uri, url, name)
           SELECT 'v' || n, 'http://{HOST}/users/v' || n, 'http://{HOST}/@v' || n, 'Verifier ' || n FROM generate_series(1, 3) n;
         INSERT INTO users (account_id, email, password_hash, state, role)
           SELECT id, username || '@{HOST}', 'x', 'active', CASE WHEN username LIKE 'v%' THEN 'verifier' ELSE 'clinician' END
           FROM accounts WHERE username ~ '^[hv][0-9]+$';
         INSERT INTO credentials (account_id, kind, state, level, register, body, jurisdiction, number_index, discipline,
             family_name, given_names, submitted_at, decided_at, checked_on)
           SELECT a.id, 'registration', 'attested', 4, 'us-nppes', 'NPPES', 'US', e.number_index, 'medicine',
             e.family_name, e.given_names, now(), now(), current_date
           FROM (SELECT *, row_number() OVER (ORDER BY ctid) AS n FROM register_entries WHERE snapshot_id = {}) e
             JOIN accounts a ON a.username = 'h' || e.n;
         ANALYZE",
        before.id
    );
    Conn::establish(url.expose()).await.unwrap().batch_execute(&sql).await.unwrap();
    // Of a hundred each: one struck off, one gone, one with another name.
    let path = folder.join("after.csv");
    Sheet::new(&path).write(COMPARED, |n| match n % 100 {
        1 => Kind::StruckOff,
        2 => Kind::Gone,
        3 => Kind::Renamed,
        _ => Kind::Person,
    });
    let after = import(ctx, &path).await;
    assert_eq!(after.rechecks, i64::from(ATTESTED / 100 * 3));
    println!(
        "{COMPARED} rows against {ATTESTED} credentials, {} re-checks {:>8.2} s",
        after.rechecks,
        after.comparing.as_secs_f64()
    );
}

async fn import(ctx: &Ctx, path: &Path) -> Outcome {
    let source = Source {
        register: "us-nppes".into(),
        path: path.to_owned(),
        file_name: "npidata.csv".into(),
        snapshot_date: None,
        mapping: None,
        // The copies that are compared are smaller than the first.
        force: true,
    };
    registers::import_by_operator(ctx, source, &Arc::new(Progress::default())).await.unwrap()
}

/// The most memory that this process had at once, in megabytes.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1_024.0
}

/// What a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Person,
    Organisation,
    /// A person whose number was deactivated: nothing but the number and the day are left.
    StruckOff,
    /// No line at all.
    Gone,
    /// A person with another name than before.
    Renamed,
}

/// A file that is written.
struct Sheet {
    file: BufWriter<File>,
    head: Vec<String>,
}

impl Sheet {
    fn new(path: &Path) -> Self {
        let head = head();
        assert_eq!(head.len(), 330);
        Self { file: BufWriter::with_capacity(1 << 20, File::create(path).unwrap()), head }
    }

    /// Writes so many lines, each of the kind that is told for its place; returns how many kilobytes that was.
    fn write(mut self, lines: u32, kind: impl Fn(u32) -> Kind) -> u32 {
        let mut fields: Vec<String> = vec![String::new(); self.head.len()];
        let head = std::mem::take(&mut self.head);
        self.put(&head);
        let place = |name: &str| head.iter().position(|column| column == name).unwrap();
        let places: Vec<usize> = FILLED.iter().map(|name| place(name)).collect();
        for n in 0..lines {
            let kind = kind(n);
            if kind == Kind::Gone {
                continue;
            }
            for (at, value) in places.iter().zip(values(n, kind)) {
                fields[*at] = value;
            }
            self.put(&fields);
        }
        let file = self.file.into_inner().unwrap();
        u32::try_from(file.metadata().unwrap().len() / 1_024).unwrap()
    }

    /// Every field stands in quotes, as in the true file.
    fn put(&mut self, fields: &[String]) {
        let mut line = String::with_capacity(2_048);
        for field in fields {
            line.push_str(if line.is_empty() { "\"" } else { ",\"" });
            line.push_str(field);
            line.push('"');
        }
        line.push('\n');
        self.file.write_all(line.as_bytes()).unwrap();
    }
}

/// The columns that a line fills; the true file leaves most of the others empty as well.
const FILLED: [&str; 21] = [
    "NPI",
    "NPI Deactivation Date",
    "Entity Type Code",
    "Provider Organization Name (Legal Business Name)",
    "Provider Last Name (Legal Name)",
    "Provider First Name",
    "Provider Credential Text",
    "Provider First Line Business Mailing Address",
    "Provider Business Mailing Address City Name",
    "Provider Business Mailing Address State Name",
    "Provider Business Mailing Address Postal Code",
    "Provider First Line Business Practice Location Address",
    "Provider Business Practice Location Address City Name",
    "Provider Business Practice Location Address State Name",
    "Provider Business Practice Location Address Postal Code",
    "Provider Business Practice Location Address Telephone Number",
    "Provider Enumeration Date",
    "Last Update Date",
    "Healthcare Provider Taxonomy Code_1",
    "Provider License Number_1",
    "Is Sole Proprietor",
];

/// What a line has in these.
fn values(n: u32, kind: Kind) -> [String; 21] {
    let pick = |of: &[&'static str], step: u32| of[usize::try_from(n / step).unwrap() % of.len()].to_owned();
    let mut values = [const { String::new() }; 21];
    values[0] = npi(n);
    if kind == Kind::StruckOff {
        values[1] = "11/02/2026".into();
        return values;
    }
    if kind == Kind::Organisation {
        (values[2], values[3]) = ("2".into(), format!("SAMPLE MEDICAL GROUP {n} LLC"));
    } else {
        values[2] = "1".into();
        values[4] = if kind == Kind::Renamed { "ANOTHER".into() } else { pick(&FAMILIES, 1) };
        (values[5], values[6]) = (pick(&GIVEN, 8), "M.D.".into());
    }
    for (street, city, state, postal) in [(7, 8, 9, 10), (11, 12, 13, 14)] {
        values[street] = format!("{n} N MAIN ST");
        (values[city], values[state], values[postal]) = ("SPRINGFIELD".into(), "IL".into(), "627010000".into());
    }
    values[15] = format!("217{:07}", n % 10_000_000);
    (values[16], values[17]) = ("05/23/2006".into(), "07/08/2020".into());
    (values[18], values[19]) = (pick(&CODES, 3), format!("036{n:06}"));
    values[20] = "N".into();
    values
}

/// A number that fits its check digit (ISO/IEC 7812, behind 80840).
fn npi(n: u32) -> String {
    let body = (100_000_000 + n).to_string();
    let digits = body.chars().rev().filter_map(|c| c.to_digit(10)).enumerate();
    let sum: u32 = digits.map(|(at, d)| if at % 2 == 0 { d * 2 / 10 + d * 2 % 10 } else { d }).sum();
    format!("{body}{}", (10 - (24 + sum) % 10) % 10)
}

/// The first line of the monthly file (NPPES Data Dissemination, V.2).
fn head() -> Vec<String> {
    let mut head: Vec<String> = FIRST.iter().map(|column| (*column).to_owned()).collect();
    for place in ["Mailing", "Practice Location"] {
        for line in ["First", "Second"] {
            head.push(format!("Provider {line} Line Business {place} Address"));
        }
        let of = [
            "City Name",
            "State Name",
            "Postal Code",
            "Country Code (If outside U.S.)",
            "Telephone Number",
            "Fax Number",
        ];
        head.extend(of.map(|what| format!("Provider Business {place} Address {what}")));
    }
    head.extend(DATES.map(str::to_owned));
    for n in 1..=15 {
        let of = [
            "Healthcare Provider Taxonomy Code",
            "Provider License Number",
            "Provider License Number State Code",
            "Healthcare Provider Primary Taxonomy Switch",
        ];
        head.extend(of.map(|what| format!("{what}_{n}")));
    }
    for n in 1..=50 {
        let of = ["Identifier", "Identifier Type Code", "Identifier State", "Identifier Issuer"];
        head.extend(of.map(|what| format!("Other Provider {what}_{n}")));
    }
    head.extend(LAST.map(str::to_owned));
    head.extend((1..=15).map(|n| format!("Healthcare Provider Taxonomy Group_{n}")));
    head.push("Certification Date".into());
    head
}

const FIRST: [&str; 20] = [
    "NPI",
    "Entity Type Code",
    "Replacement NPI",
    "Employer Identification Number (EIN)",
    "Provider Organization Name (Legal Business Name)",
    "Provider Last Name (Legal Name)",
    "Provider First Name",
    "Provider Middle Name",
    "Provider Name Prefix Text",
    "Provider Name Suffix Text",
    "Provider Credential Text",
    "Provider Other Organization Name",
    "Provider Other Organization Name Type Code",
    "Provider Other Last Name",
    "Provider Other First Name",
    "Provider Other Middle Name",
    "Provider Other Name Prefix Text",
    "Provider Other Name Suffix Text",
    "Provider Other Credential Text",
    "Provider Other Last Name Type Code",
];

const DATES: [&str; 11] = [
    "Provider Enumeration Date",
    "Last Update Date",
    "NPI Deactivation Reason Code",
    "NPI Deactivation Date",
    "NPI Reactivation Date",
    "Provider Sex Code",
    "Authorized Official Last Name",
    "Authorized Official First Name",
    "Authorized Official Middle Name",
    "Authorized Official Title or Position",
    "Authorized Official Telephone Number",
];

const LAST: [&str; 7] = [
    "Is Sole Proprietor",
    "Is Organization Subpart",
    "Parent Organization LBN",
    "Parent Organization TIN",
    "Authorized Official Name Prefix Text",
    "Authorized Official Name Suffix Text",
    "Authorized Official Credential Text",
];
