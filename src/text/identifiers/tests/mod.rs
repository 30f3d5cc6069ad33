//! Stories of what is found and what is left alone, a few for each family.

mod labels;

use super::*;

/// What is found, as `kind: words`.
fn found(text: &str) -> Vec<String> {
    find(text).iter().map(|f| format!("{}: {}", f.kind.as_str(), text.get(f.range.clone()).unwrap())).collect()
}

fn finds(text: &str, kind: Kind, words: &str) {
    let hit = find(text).iter().any(|f| f.kind == kind && text.get(f.range.clone()).unwrap().contains(words));
    assert!(hit, "no {} {words:?} in {text:?}: {:?}", kind.as_str(), found(text));
}

fn leaves(text: &str) {
    assert!(find(text).is_empty(), "{text:?}: {:?}", found(text));
}

#[test]
fn check_digits_tell_numbers_from_values() {
    assert!(check::nhs("943 476 5919") && check::nhs("401 023 2137") && !check::nhs("943 476 5918"));
    assert!(check::bsn("111222333") && !check::bsn("111222334"));
    assert!(check::nir("295109912611193") && !check::nir("295109912611194"));
    assert!(check::kvnr("A123456780") && !check::kvnr("A123456781"));
    assert!(check::medicare_au("2950123481") && !check::medicare_au("2950123491"));
    assert!(check::mbi("1EG4-TE5-MK73") && !check::mbi("1SG4-TE5-MK73"));
    assert!(check::ssn("219-45-6789") && !check::ssn("666-45-6789") && !check::ssn("219-00-6789"));
    assert!(check::npi("1234567893") && !check::npi("1234567890"));
    assert!(check::pps("1234567T") && check::pps("1234567FA") && !check::pps("1234567A"));
    assert!(check::vin("1HGCM82633A004352") && !check::vin("1HGCM82633A004353"));
    assert!(check::iban("IE29AIBK93115212345678") && !check::iban("IE29AIBK93115212345679"));
    assert!(check::luhn("490154203237518") && !check::luhn("490154203237519"));
    assert!(check::steuer_id("86095742719") && !check::steuer_id("86095742718"));
    assert!(check::ihi("8003608166690503") && !check::ihi("8003608166690504"));
}

#[test]
fn numbers_of_patients_are_found_by_label_or_by_check() {
    finds("NHS No. 943 476 5919", Kind::NationalId, "943 476 5919");
    finds("seen, 943 476 5919, in clinic", Kind::NationalId, "943");
    finds("her PPS is 1234567T", Kind::NationalId, "1234567T");
    finds("MRN: 00412345", Kind::Mrn, "00412345");
    finds("hospital no A1234567", Kind::Mrn, "A1234567");
    finds("SSN 219-45-6789", Kind::Ssn, "219-45-6789");
    finds("member ID XQP811W20447", Kind::HealthPlan, "XQP811W20447");
    finds("MBI 1EG4-TE5-MK73", Kind::HealthPlan, "1EG4");
    finds("Pacemaker serial number PJN123456S", Kind::Device, "PJN123456S");
    finds("GMC 7012345", Kind::License, "7012345");
    finds("account number 44718829", Kind::Account, "44718829");
    finds("the car, reg 152-MO-4471", Kind::Vehicle, "152-MO-4471");
    finds("username: moss_lichen", Kind::Other, "moss_lichen");
}

#[test]
fn milliseconds_before_a_sentence_are_nobody() {
    leaves("ECG: first-degree block, PR 220 ms. Sodium 136, haemoglobin 128.");
    finds("In room 4 Ms Harker was asleep.", Kind::Name, "Harker");
}

#[test]
fn what_is_numbered_in_public_is_left_alone() {
    leaves("NCT01234567, PMID 12345678, doi:10.1056/NEJMoa1234567, ICD-10 I21.4, SNOMED 22298006.");
    for source in [
        "PMID 33301246",
        "pmid 94347659",
        "doi:10.1016/S0140-6736(20)30183-5",
        "doi: 10.1136/bmj.2020.03.12.m441",
        "https://doi.org/10.1002/(SICI)1097-0258(19980815/30)17:15/16%3C1661::AID-SIM968%3E3.0.CO;2-2",
        "doi:10.1161/01.CIR.0000157746.12345.678",
        "doi:10.1000/219-45-6789",
        "DOI 10.1001/jama.2016.0288",
        "https://pubmed.ncbi.nlm.nih.gov/33301246/",
    ] {
        leaves(&format!("As in {source}, we would wait. See also ({source})."));
    }
    finds("doi:10.1000/x, SSN 219-45-6789", Kind::Ssn, "219-45-6789");
    finds("PMID 33301246, MRN: 00412345", Kind::Mrn, "00412345");
    leaves("Hb 9.4, WBC 12500, platelets 150-400, Na 135-145, CPT 99213.");
    leaves("Chart review of 12 patients; 5/325 mg; viral load 1500000 copies/mL.");
}

#[test]
fn ways_to_reach_somebody_are_found() {
    finds("ring (415) 555-0132", Kind::Phone, "555-0132");
    finds("Tel +44 20 7946 0018", Kind::Phone, "7946 0018");
    finds("bleep 2217", Kind::Phone, "2217");
    finds("Fax: 01632 960 418", Kind::Fax, "960 418");
    finds("m.doyle@example.org", Kind::Email, "m.doyle@example.org");
    finds("from 192.168.14.3", Kind::Ip, "192.168.14.3");
    finds("fe80::1ff:fe23:4567:890a", Kind::Ip, "fe80::1ff");
    finds("see https://photos.example.org/u/1", Kind::Url, "photos.example.org");
    leaves("https://doi.org/10.1000/182 and www.nice.org.uk/guidance/ng28");
    leaves("firmware version 1.2.3.4 and settled.At home");
}

#[test]
fn ages_from_90_on_are_found_and_values_are_not() {
    for (text, words) in [
        ("a 94-year-old man", "94"),
        ("aged 91", "91"),
        ("102 yo", "102"),
        ("96F with a fall", "96F"),
        ("in her nineties", "nineties"),
        ("a nonagenarian", "nonagenarian"),
        ("She is ninety-four", "ninety-four"),
        ("born 97 years ago", "97"),
        ("his wife Mary, 93, agrees", "93"),
    ] {
        finds(text, Kind::AgeOver89, words);
    }
    finds("seen on the 24th of September. 97 year old woman", Kind::AgeOver89, "97 year old");
    leaves("sats 94%, HR 96, 95 mmHg, 92 kg, an 89-year-old, temp 98.6 F, 90 or older, in the nineties");
}

#[test]
fn dates_are_found_in_all_their_forms() {
    for text in [
        "2024-03-07",
        "3/7/24",
        "07.03.2024",
        "7 March 2024",
        "Mar 7th",
        "March 2021",
        "on Christmas Eve",
        "last Tuesday",
        "20240307",
        "admitted in March",
        "mid-June",
        "03-Mar-24",
        "3–7 March",
        "on the 14th.",
        "since 3/14",
    ] {
        assert!(find(text).iter().any(|f| f.kind == Kind::Date), "{text}");
    }
    leaves(
        "BP 120/80, power 5/5, 1/2 tab, it may have spread, grade 3/6, T10/11, 24/7, day 3, two weeks ago, in 2019, 31+4, 3/10 pain",
    );
    leaves("Christmas disease, a Christmas tree pattern, march fracture, and May-Thurner syndrome");
}

#[test]
fn the_first_date_is_day_nought() {
    let found = find("Admitted 3 March 2024, died 7 March 2024.");
    assert_eq!(found.iter().map(|f| f.suggestion.as_str()).collect::<Vec<_>>(), ["Day 0", "Day +4"]);
    assert_eq!(find("DOB 3/4/1948").first().map(|f| f.suggestion.as_str()), Some(""));
}

#[test]
fn names_are_found_by_what_stands_around_them() {
    for (text, name) in [
        ("Mrs Doyle's daughter Siobhan", "Doyle"),
        ("Mrs Doyle's daughter Siobhan", "Siobhan"),
        ("Dr. J. O’Brien agreed", "O’Brien"),
        ("a boy called Kacper", "Kacper"),
        ("DOYLE, Mary was seen", "DOYLE, Mary"),
        ("patient J.D. was seen", "J.D."),
        ("seen by Brennan", "Brennan"),
        ("mr osei is day 2", "osei"),
        ("her husband Elfed, who waits", "Elfed"),
        ("mevr. van der Berg", "van der Berg"),
        ("PATIENT MAUREEN TULLY ATTENDED WITH HER HUSBAND DESMOND", "DESMOND"),
        ("Mr Parkinson has a cough", "Parkinson"),
    ] {
        finds(text, Kind::Name, name);
    }
}

#[test]
fn a_name_once_found_is_found_again() {
    let text = "Mr Brennan fell. Today Brennan walks; the Brennan score is not his.";
    assert_eq!(found(text), ["name: Brennan", "name: Brennan"]);
}

#[test]
fn eponyms_medicines_and_organisms_are_no_names() {
    leaves("Crohn's disease, Babinski negative, Glasgow Coma Scale 15, a Foley catheter, Whipple's procedure.");
    leaves("Wells score 3, Murphy's sign, Hodgkin lymphoma, Wilson's disease, Charcot joint, Bell's palsy.");
    leaves("On Humira, Lasix and Eliquis. E. coli and K. pneumoniae grew; S. aureus did not. Lyme disease excluded.");
}

#[test]
fn places_below_a_state_are_found_and_countries_are_not() {
    finds("lives in Ballina", Kind::Location, "Ballina");
    finds("St Luke's Hospital", Kind::Location, "Luke's Hospital");
    finds("14 Main Street, Naas", Kind::Location, "14 Main Street");
    finds("H91 X7R2", Kind::Location, "H91 X7R2");
    finds("SY8 2RJ", Kind::Location, "SY8 2RJ");
    finds("a native of Pontardawe, now at the Alfred.", Kind::Location, "Alfred");
    leaves(
        "She flew from Portugal, is Polish, and lived in Ohio. L5 and T12 were fractured; an Oxford Hip Score of 22.",
    );
}

#[test]
fn suggestions_are_no_identifiers_themselves() {
    leaves(
        "Day +3: the patient, 90 or older, came from a regional hospital with her daughter; a colleague in a town agreed.",
    );
}

#[test]
fn offsets_count_code_points() {
    let text = "Ó é: Mrs Ní Bhriain, 3 March 2024";
    let found = find(text);
    let each: Vec<_> = found.iter().map(|f| code_points(text, &f.range)).collect();
    assert_eq!(all_code_points(text, &found), each);
    let letters: Vec<char> = text.chars().collect();
    let (start, end) = *each.first().unwrap();
    assert_eq!(letters[start..end].iter().collect::<String>(), "Ní Bhriain");
}

#[test]
fn labels_that_no_list_has_tell_numbers_by_their_words() {
    finds("Our ward book number is XW-44182.", Kind::Mrn, "XW-44182");
    finds("The slide (pathology no. 24/H/11827) was reviewed.", Kind::Mrn, "24/H/11827");
    finds("Her subscriber number: W88127734", Kind::HealthPlan, "W88127734");
    finds("The denial quotes pre-authorisation ref PA-2024-88127.", Kind::HealthPlan, "PA-2024-88127");
    finds("Invoice number of the clinic: RE-2025-44719", Kind::Account, "RE-2025-44719");
    finds("Police attended, CAD 1187.", Kind::Other, "1187");
    finds("Staff numbers on shift: 20881734, 20919402.", Kind::Other, "20919402");
    finds("Iris scan ref IR8812-44", Kind::Other, "IR8812-44");
    finds("4471203 (hospital number)", Kind::Mrn, "4471203");
    leaves("Sample size 1200; case 3 of 12; the unit had 1180 admissions at a rate of 12000 per 100000.");
    leaves("Catalogue no. 44188-02, lot 1188273, model 8840, software 4.1.2; NCT04988991, rs80357906, NM_007294.4.");
}

#[test]
fn labels_are_read_in_forms_and_tables_and_data() {
    finds("Member ID\nW4471882\n", Kind::HealthPlan, "W4471882");
    finds("| Bed | MRN |\n|---|---|\n| 4 | 4471882 |", Kind::Mrn, "4471882");
    finds("{\"memberId\": \"W118827\"}", Kind::HealthPlan, "W118827");
    finds("<accountNumber>8812773</accountNumber>", Kind::Account, "8812773");
    finds("Hospital number four four seven one eight.", Kind::Mrn, "four four seven one eight");
}

#[test]
fn names_for_signing_in_and_files_are_found() {
    finds("She posts as GreyHeron on the forum.", Kind::Other, "GreyHeron");
    finds("photo IMG_4418.jpg attached", Kind::Other, "IMG_4418.jpg");
    finds("eCRF user: avhollis01", Kind::Other, "avhollis01");
    finds("His brother is the only Wesleyan minister on Niue.", Kind::Other, "Wesleyan minister");
    leaves("It was the only treatment in the trial, and the only case in Denmark.");
}

#[test]
fn any_text_is_read_without_a_panic_and_without_overlaps() {
    for text in [
        "",
        " ",
        "[[",
        "’s",
        "Dr",
        "Mr. ",
        "x@",
        "1/",
        "\u{301}",
        "é’é",
        "😀 Mrs 😀 O’",
        "9".repeat(5_000).as_str(),
        "a ".repeat(3_000).as_str(),
    ] {
        let found = find(text);
        assert!(found.windows(2).all(|pair| pair[0].range.end <= pair[1].range.start));
        assert!(found.iter().all(|f| text.get(f.range.clone()).is_some()));
    }
}

#[test]
fn every_kind_has_a_name_of_its_own() {
    let names: std::collections::BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(names.len(), 18);
    assert!(Kind::ALL.iter().all(|kind| !kind.title().is_empty()));
}

#[test]
fn a_label_that_no_list_knows_is_of_no_hospital() {
    for (text, kind) in [
        ("PDMP report PMP-99182231 was seen.", Kind::Other),
        ("The docket no. is CV-24-00881.", Kind::Other),
        ("Chart L 20-77-1843 is here.", Kind::Mrn),
        ("Her GMS card E 204 771 R.", Kind::HealthPlan),
        ("BSB 063-418 acc 1044 8827.", Kind::Account),
        ("The clip lots BX-0041 and BX-0047.", Kind::Device),
        ("DeviceSerialNumber: 66117", Kind::Device),
        ("DoLS authorisation DOLS-7712.", Kind::Other),
        ("The car is insured on policy DIP/8820461/3.", Kind::Other),
    ] {
        finds(text, kind, "");
    }
    for text in [
        "The reagent lot A771 of the analyser.",
        "EGFR E746_A750 was found.",
        "CA19-9 410, bili 211.",
        "bp 142/94 now.",
    ] {
        leaves(text);
    }
}

#[test]
fn tables_and_data_have_names_in_them() {
    for (text, name) in [
        ("name,dob,ur,phone\nPetrosyan Anahit,12/08/1983,4410927,none", "Petrosyan Anahit"),
        ("{\"family\": \"Vandermolen\", \"given\": \"Beatrix\"}", "Vandermolen"),
        ("PatientName: GRZEGORCZYK^BRONISLAWA^^MRS", "GRZEGORCZYK^BRONISLAWA"),
        ("ID\tName\tBed\n70-1182\tDinh, Quoc\t5B", "Dinh, Quoc"),
    ] {
        finds(text, Kind::Name, name);
    }
    let text = "drug,dose,route,times\nmetformin,500 mg,po,bd";
    leaves(text);
}

#[test]
fn names_are_told_by_what_stands_behind_them() {
    for (text, name) in [
        ("Summer, her granddaughter, was there.", "Summer"),
        ("A brother (Ranjit, 41) is a match. The cook (Seonag, 55) has a rash.", "Seonag"),
        ("1) Ferreira - lap chole\n2) O'Dowd - hernia", "O'Dowd"),
        ("What would you do?\nBest, Kit", "Kit"),
        ("He was referred by Amanpreet (PA) to us.", "Amanpreet"),
        ("seen on call. hubby gav drives a truck, consultant prendergast is away.", "prendergast"),
        ("Rough sleeper who goes by \"Bunty\" here.", "Bunty"),
    ] {
        finds(text, Kind::Name, name);
    }
    for text in ["Summer is bad for her asthma.", "Lactate, 19, and rising.", "Mr X, 54, has Mallory-Weiss tears."] {
        leaves(text);
    }
}

#[test]
fn places_are_told_by_small_words() {
    for (text, place) in [
        ("Ward: Carnethy", "Carnethy"),
        ("he is on st anne's ward now", "st anne's ward"),
        ("Seen in Enschede and Oldenzaal.", "Oldenzaal"),
        ("Found on Route 9 by a driver.", "Route 9"),
        ("A bus driver on the Finchley route.", "Finchley"),
        ("Referred to Cedar Bluff Family Medicine.", "Cedar Bluff Family Medicine"),
        ("Born at Mount Carmel East.", "Mount Carmel East"),
    ] {
        finds(text, Kind::Location, place);
    }
    for text in ["Ward: medical", "The M1 segment of the MCA was open.", "Lake Louise criteria were met."] {
        leaves(text);
    }
}

#[test]
fn days_are_found_in_words_and_in_other_languages() {
    for (text, day) in [
        ("Born the fourteenth of the ninth, nineteen fifty-one.", "the fourteenth of the ninth, nineteen fifty-one"),
        ("Transfer on 13 maja, then home.", "13 maja"),
        ("Next visit 29th.", "29th"),
        ("Aufnahme 28.11. mit Fieber", "28.11"),
        ("Seen Sat the 25th in clinic.", "Sat the 25th"),
    ] {
        finds(text, Kind::Date, day);
    }
    for text in ["Sat 97% on air.", "TUE form for the athlete.", "HU 12, then 2. AUGUSTUS said so."] {
        leaves(text);
    }
}

#[test]
fn what_was_in_the_news_is_found() {
    for text in [
        "She is the camogie captain who was on the telly after the county final.",
        "He won the lottery in 2011.",
        "She held an MBE for lifeboat work.",
        "A scar in the shape of an anchor.",
        "The starting fly-half of Ballyhaise RFC.",
    ] {
        finds(text, Kind::Other, "");
    }
    for text in ["The drug was in the news after the trial.", "An old scar of the knee.", "A tattoo was removed."] {
        leaves(text);
    }
}

#[test]
fn numbers_of_many_states_are_told_by_their_form() {
    finds("codice CVLSNT51P43L219K, wife with her", Kind::NationalId, "CVLSNT51P43L219K");
    finds("NISS 19.02.14-118.71", Kind::NationalId, "19.02.14-118.71");
    finds("from Kuusamo, 140290-447L", Kind::NationalId, "140290-447L");
    finds("CNIC 35202-4471982-5", Kind::NationalId, "35202-4471982-5");
    leaves("Doses of 20.02.14-118 and 199999-447L were wrong.");
}

#[test]
fn names_and_places_that_no_list_has_are_told_by_all_that_stands_around_them() {
    finds("His neighbour Brontavia drove him from Quillimbeg to us.", Kind::Name, "Brontavia");
    finds("She works at Tarvenstone Primary in Quillimbeg.", Kind::Location, "Quillimbeg");
    leaves("Hb 9.4, Rockall 6, Forrest Ib; we gave Nexium and Hemospray.");
}
