//! Stories of labels: whose number it is.

use super::{Kind, finds, leaves};

#[test]
fn labels_of_many_countries_say_whose_number_it_is() {
    for (text, kind, number) in [
        ("your MRN 2048813, ours SVH-661290", Kind::Mrn, "SVH-661290"),
        ("SV 1237 010180", Kind::NationalId, "1237 010180"),
        ("CRT-D Cobalt XT RTP617204S", Kind::Device, "RTP617204S"),
        ("Veteran, OEF, last four 9553", Kind::Ssn, "9553"),
        ("IPD N0. 2400936", Kind::Mrn, "2400936"),
        ("bed,name,urn,dob\n1,\"Bin Sali, Pat\",K1104832,x", Kind::Mrn, "K1104832"),
        ("LPN, registration P-20418", Kind::License, "P-20418"),
        ("HAR 600114872230", Kind::Account, "600114872230"),
        ("Guar # 80044712", Kind::Account, "80044712"),
        ("Kunden-Nr. 118277", Kind::Account, "118277"),
        ("the deposit from NL94 TRIO 0903 4517 87", Kind::Account, "NL94 TRIO"),
        ("INS2 HMSA 0100A88317725", Kind::HealthPlan, "0100A88317725"),
        ("Anthem ID XDB 882 M 41907", Kind::HealthPlan, "882 M 41907"),
        ("Polmed 20884173", Kind::HealthPlan, "20884173"),
        ("Medicaid pending, application MA-2025-4471903", Kind::HealthPlan, "MA-2025"),
        ("VA file number C28114907", Kind::HealthPlan, "C28114907"),
        ("Ref # for the peer-to-peer P2P-6610384", Kind::HealthPlan, "P2P-6610384"),
        ("travel insurer Allianz, policy TRV-NL-5590217", Kind::HealthPlan, "TRV-NL"),
        ("BG file number 3.24.118877.9", Kind::HealthPlan, "3.24.118877.9"),
        ("MCR M18264C", Kind::License, "M18264C"),
        ("GLN 7601000460547", Kind::License, "7601000460547"),
        ("prov. 4408812T", Kind::License, "4408812T"),
        ("T. Oyelaran, MED0002219047", Kind::License, "MED0002219047"),
        ("CPR 091253-2585", Kind::NationalId, "091253-2585"),
        ("P NR  19880307-0443", Kind::NationalId, "19880307-0443"),
        ("RAMQ GAGM 5862 1419", Kind::NationalId, "GAGM 5862 1419"),
        ("HSN 412 880 637", Kind::NationalId, "412 880 637"),
        ("Seaman's book VN-0418827", Kind::NationalId, "VN-0418827"),
        ("Rentenvers.-Nr. 18 140336 W 448", Kind::NationalId, "18 140336 W 448"),
        ("GP records under 943 476 5919", Kind::NationalId, "943 476 5919"),
        ("N.H.S. no. 401 023 2137", Kind::NationalId, "401 023 2137"),
        ("Protokollnr. 240217-0093", Kind::Mrn, "240217-0093"),
        ("Aufnahmezahl: 24-0098123/1", Kind::Mrn, "24-0098123"),
        ("Lab tube barcode C2507-118842", Kind::Mrn, "C2507-118842"),
        ("pathology entry no. E/2023/048812", Kind::Mrn, "E/2023/048812"),
        ("Two charts, 55120933 & 55098721, merged", Kind::Mrn, "55098721"),
        ("Chart 1 402 775", Kind::Mrn, "1 402 775"),
        ("H0SPITAL NO. 4471882", Kind::Mrn, "4471882"),
    ] {
        finds(text, kind, number);
    }
}

#[test]
fn whoever_keeps_a_case_says_whose_number_it_is() {
    for (text, number) in [
        ("Event report filed, RL# 2025-118834", "2025-118834"),
        ("OPO called, referral # 0131-7741", "0131-7741"),
        ("who gave reference MASH/24/00917", "MASH/24/00917"),
        ("Our ref COMP-2024-0388", "COMP-2024-0388"),
        ("For M&M: case QA-2212", "QA-2212"),
        ("SAPS case CAS 218/07/2024", "218/07/2024"),
        ("DoD ID 1184420937", "1184420937"),
        ("Bib 6147 if the organisers ask", "6147"),
        ("HealthLink EDI waitkmed", "waitkmed"),
        ("Key in a lock box, code 0937", "0937"),
        ("Door code to the drug room 4471#", "4471"),
        ("p2p line is busy, pin 771930", "771930"),
        ("Booking reference QX7TLB", "QX7TLB"),
    ] {
        finds(text, Kind::Other, number);
    }
}

#[test]
fn what_only_looks_like_a_number_of_somebody_is_left_alone() {
    for text in [
        "Can I bill 03230 twice in the quarter?",
        "Scope GIF-HQ190, processor CV-190.",
        "Tablets from lots 23K114 and 24A007.",
        "Serial CK 1182, 2214, 3118.",
        "nhs_no,surname,dob,postcode,bbps,polyps",
        "(10) inhaled steroids, (11) none.",
        "ED NOTE 0448: stable.",
        "The ESA: darbepoetin 150 weekly.",
        "HFE C282Y/H63D was found.",
        "A Ford F-150 truck, a 2021 Ford car.",
        "RL 1500 was given, then MASH with F2 fibrosis.",
        "Peer to peer at 1400.",
        "The registry 1998-2012.",
        "https://www.ismp.org/recommendations and www.acog.org/clinical and https://www.rki.de/x",
    ] {
        leaves(text);
    }
}
