//! Feasts and public holidays: "Christmas Eve", "on Heritage Day", "since the Twelfth". "Christmas tree" is none.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    super::page::{Page, pattern},
    Day,
};

static FEAST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:(?:the )?(?:first|second|third|fourth|1st|2nd|3rd|4th|[1-4]\.)(?: sunday)?(?: (?:of|in|after))? (?:advent|lent|easter)|(?:the )?(?:day|eve|feast|feast day|night|vigil|morning) of (?:the )?(?:assumption|ascension|annunciation|immaculate conception|epiphany|(?:st\.?|saint|san|santa|sant|são|sankt|sint) [a-zà-ÿ]+)|pfingst(?:en|montag|sonntag)|oster(?:n|montag|sonntag|samstag)|karfreitag|gründonnerstag|weihnacht(?:en|stag|sfeiertag)?|neujahr(?:stag)?|(?:christi )?himmelfahrt(?:stag)?|fronleichnam|allerheiligen|allerseelen|buß- und bettag|fasching|aschermittwoch|nikolaus(?:tag)?|hemelvaart(?:sdag)?|(?:eerste |tweede )?pinkster(?:en|dag)|(?:eerste |tweede )?paas(?:dag|maandag)|pasen|(?:eerste |tweede )?kerst(?:mis|dag|avond)|oudjaar(?:sdag|savond)?|oudejaarsavond|nieuwjaar(?:sdag)?|goede vrijdag|dodenherdenking|sint-maarten|(?:la )?toussaint|noël|(?:lundi de |vendredi )?p[âa]ques|(?:lundi de )?pentec[ôo]te|jeudi de l['’]ascension|l['’]assomption|f[êe]te nationale|jour de l['’]an|r[ée]veillon|saint-sylvestre|l[úu]nasa|lughnasa(?:dh)?|imbolc|bealtaine|samhain|martinmas|lammas|lady day|(?:little|women['’]s) christmas|reek sunday|garland sunday|all[- ]ireland(?: final)?(?: day| sunday| weekend)|grand national day|derby day|black friday|cyber monday|v-?e day|feast of (?:st\.?|saint|the|our) [a-z]+|christmas(?: eve| day| morning| night| week| holidays?| time| dinner| party| break)?|xmas(?: eve| day)?|boxing day|new year(?:['’]?s)?(?: eve| day)?|hogmanay|easter(?: sunday| monday| saturday| weekend| week| holidays?)?|good friday|ash wednesday|shrove tuesday|pancake (?:day|tuesday)|palm sunday|maundy thursday|(?:st\.?|saint) (?:bridget|columba|blaise|anthony|james|peter|nicholas|martin|francis|clare|catherine|lucy|piran|columbanus|swithun|agnes|joseph|michael|cecilia|barbara|mark|luke|thomas|patrick|stephen|brigid|david|andrew|george|nicholas|valentine|john)(?:['’]?s)? (?:day|eve|weekend)|paddy['’]?s day|valentine(?:['’]?s)?(?: day)|(?:mother|father)(?:['’]?s|s['’]) day|mothering sunday|remembrance (?:day|sunday)|armistice day|thanksgiving(?: day| eve| weekend)?|halloween|hallowe['’]en|independence day|(?:the )?(?:fourth|4th) of july|labou?r day|memorial day|presidents?['’]? day|columbus day|indigenous peoples['’]? day|veterans['’]? day|juneteenth|martin luther king(?:,? jr\.?)? day|mlk day|groundhog day|mardi gras|super bowl sunday|cinco de mayo|canada day|victoria day|australia day|anzac day|melbourne cup(?: day)?|waitangi day|matariki|king(?:['’]?s) (?:day|birthday)|queen(?:['’]?s) birthday|koningsdag|sinterklaas|bevrijdingsdag|bastille day|day of the dead|all saints?['’]?(?: day)?|all souls?['’]? day|epiphany|whit (?:sunday|monday)|whitsun|pentecost|ascension day|corpus christi day|assumption day|carnival (?:monday|sunday)|rosenmontag|carnaval|karneval|oktoberfest|heiligabend|silvester|may day|midsummer(?:['’]?s)?(?: eve| day)|guy fawkes(?: night)?|bonfire night|burns night|bank holiday(?: monday| weekend)?|(?:august|may|october|june) bank holiday|easter bank holiday|spring bank holiday|black monday|mischief night|all hallows|labou?r weekend|tag der (?:deutschen einheit|arbeit)|maifeiertag|heilige drei könige|dreikönig(?:e|stag)|altweiber|veilchendienstag|suikerfeest|offerfeest|nochebuena|nochevieja|navidad|semana santa|día de (?:los muertos|reyes)|ferragosto|pasquetta|capodanno|santo stefano|wigilia|wielkanoc|bo[żz]e narodzenie|ashura|mawlid|shab-e-barat|day of arafah?|raksha bandhan|ganesh chaturthi|dussehra|dasara|baisakhi|lohri|makar sankranti|ugadi|janmashtami|maha shivaratri|gurpurab|karva chauth|losar|dragon boat festival|double ninth|chuseok|seollal|obon|simchat torah|tisha b['’]av|lag b['’]omer|kwanzaa|diwali|deepavali|holi\b|eid(?:[ -]al[ -](?:fitr|adha)|[ -]ul[ -](?:fitr|adha))?|ramadan|hanukkah|chanukah|passover|pesach|yom kippur|rosh hashanah|purim|sukkot|shavuot|vesak|vaisakhi|navratri|durga puja|nowruz|onam|pongal|(?:chinese|lunar) new year|mid-autumn festival|qingming|songkran|tet\b|lent\b|michaelmas|candlemas|orthodox easter|budget day|election day|leap day|red nose day|april fools['’]?(?: day)?|st\.? swithin['’]?s day|(?:st\.? )?stephen['’]s day|nollaig na mban|twelfth night|the twelfth of july)\b",
    )
});

/// Days that states and regions keep, most of which need their capitals.
static KEPT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?:Heritage|Freedom|Youth|Workers['’]?|Women['’]?s|Human Rights|Family|Reconciliation|Goodwill|Mandela|Heroes['’]?|Unity|Republic|National|Liberation|Victory|Flag|Constitution|Emancipation|Discovery|Natal|Simcoe|Nunavut|Terry Fox|Patriots['’]?|Louis Riel|Orange Shirt|Canberra|Foundation|Picnic|Territory|Anniversary|Children['’]?s|Teachers['’]?|Army|Farmers['’]?|Martyrs['’]?|Merdeka|Malaysia|Singapore|Bonifacio|Rizal|Ninoy Aquino|Kenyatta|Mashujaa|Madaraka|Jamhuri|Moi|Pioneer|Statehood|Tynwald|Trafalgar|Europe|King['’]s|Queen['’]s|Election|Inauguration|Commonwealth|Pearl Harbou?r|Cesar Chavez|Turkey|St\.? Lucy['’]?s|Lucia|Pi|Pride|Lammas) (?:[Dd]ay|DAY)",
        r"|[Tt]urkey day|(?:Day|DAY) of (?:Reconciliation|Goodwill|Mourning|German Unity|Valou?r)",
        r"|(?:National Day for )?Truth and Reconciliation(?: Day)?|Civic Holiday|(?:Saint|St\.?)[- ]Jean(?:-Baptiste Day|-Baptiste| Day| weekend)",
        r"|(?:May|Victoria|Labou?r|Family|Canada|Australia|Easter|Waitangi|Matariki|Anzac|ANZAC|King['’]s Birthday|Queen['’]s Birthday|Memorial|Presidents['’]?|Columbus|Civic|August|Thanksgiving|Jubilee|Coronation) (?:Day )?(?:[Ll]ong )?[Ww]eekend",
        r"|(?:Auckland|Wellington|Otago|Southland|Canterbury|Taranaki|Nelson|Hawke['’]s Bay) Anniversary(?: Day| weekend)?|Ekka Wednesday|Grand Final (?:[Dd]ay|Friday|Saturday|[Ww]eekend|Sunday|[Ee]ve)|(?:Adelaide|Geelong) Cup(?: Day)?",
        r"|[Tt]he (?:Glorious Twelfth|Twelfth(?: of July| fortnight| week)?|Eleventh Night)|Twelfth fortnight|Up Helly Aa|TT week|Burns [Ss]upper",
        r"|Hari Raya(?: Aidil ?[Ff]itri| Aidil ?[Aa]dha| Haji| Puasa)?|Aidil ?[Ff]itri|Aidil ?[Aa]dha|Thaipusam|Gawai(?: Dayak)?|(?:Tadau )?Kaamatan|Maal Hijrah|Maulidur Rasul|Hari Merdeka|Wesak(?: Day)?|C[h]?ap Goh Mei|Ching Ming|Chung Yeung|Nyepi|Galungan|Lebaran|Idul (?:Fitri|Adha)|Undas|Simbang Gabi|Sinulog|Loy Krathong|CNY (?:[Ee]ve|[Dd]ay)|Golden Week|Mid-Autumn",
        r"|Bakrid|Muharram|Milad-un-Nabi|Gandhi Jayanti|Guru (?:Nanak Jayanti|Nanak Gurpurab|Purnima)|Ram ?[Nn]avami|Hanuman Jayanti|Chhath(?: Puja)?|Dhanteras|Bhai Dooj|Navaratri|Vijayadashami|(?:Ayudha|Saraswati|Kali|Lakshmi) [Pp]uja|Po(?:il|hel)a Boishakh|Tihar|Dashain|Avurudu|Sinhala New Year|Gudi Padwa|Timkat|Meskel|Enkutatash|Tabaski|Sham el-?Nessim|Newroz|Norouz|Yalda night|Lailat al[- ]Qadr",
        r"|(?:[12]?[0-9]|30)(?:st|nd|rd|th)? (?:Muharram|Safar|Rajab|Sha['’]?ban|Ramadh?an|Shawwal|Dhu al-(?:Hijjah|Qi['’]?dah))(?:,? 14[0-9]{2})?",
        r"|Domingo de (?:Ramos|Resurrección|Pascua)|Jueves Santo|Viernes Santo|Sábado Santo|Miércoles de Ceniza|Feria de Abril|Todos los Santos|Sant Jordi|Martedì [Gg]rasso|Ognissanti|San Silvestro|Sexta-feira Santa|Quarta-feira de Cinzas|(?:[Ll]e )?14 [Jj]uillet",
        r"|[Jj]uhannus(?:aatto|päivä)?|[Vv]appu(?:aatto|na)|[Jj]oulu(?:aatto|päivä|na)|[Mm]idsommar(?:afton|dagen)?|[Jj]ul(?:afton|dagen|aften)|[Nn]yårsafton|[Nn]y[åt]{0,2}rsaften|[Vv]alborg(?:smässoafton)?|[Ll]ucia (?:morning|day|night)|[Pp]inse(?:dag|aften)?|[Pp]åsk(?:afton|dagen|e|eaften)?|[Ss]tore [Bb]ededag|[Ss]ankthans(?:aften)?|[Ss]kærtorsdag|[Ll][aå]ngfredag(?:en)?",
        r"|Wszystkich Świętych|Trzech Króli|Boże Ciało|Velikonoce|Vánoce|Karácsony|Húsvét|Crăciun|Božić|Uskrs|(?:Kurban|Ramazan|Şeker) [Bb]ayramı?|Clean Monday|Orthodox Christmas",
        r"|Weihnachtsabend|Stefanitag|Stephanstag|Berchtoldstag|Nationalfeiertag|Vatertag|Muttertag|Weiberfastnacht|Faschings(?:dienstag|montag)|Martinstag|Mariä (?:Himmelfahrt|Empfängnis)|Reformationstag|Palmsonntag|Karsamstag|Ostersonntag|Prinsjesdag|Koninginnedag|Keti Koti|Palmzondag|Witte Donderdag|Heldedag|Vrouedag|Geloftedag",
    ))
});
/// A saint's day of which only the saint is named, where what stands before says when.
static SAINT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:since|until|till|til|before|after|day|night of|on) (st\.? (?:swithin|swithun|patrick|stephen|valentine|nicholas)['’]?s)(?: (?:night|eve))?(?:[,.;:)!?\n]|$)",
    )
});

const WHY: &str = "A feast tells the day.";

pub(super) fn find(page: &Page<'_>, days: &mut Vec<Day>) {
    for found in page.matches(&FEAST) {
        let after = page.word_after(found.end());
        let other = matches!(
            after,
            "tree"
                | "trees"
                | "disease"
                | "factor"
                | "rose"
                | "seals"
                | "egg"
                | "eggs"
                | "island"
                | "islands"
                | "lily"
                | "pudding"
                | "cactus"
                | "card"
                | "cards"
                | "road"
                | "street"
                | "house"
                | "light"
                | "lights"
                | "season"
                | "jumper"
                | "jumpers"
                | "pyramid"
                | "stocking"
        );
        let written = page.at(&found.range());
        let small = matches!(
            found.as_str(),
            "lent" | "tet" | "holi" | "may day" | "epiphany" | "ramadan" | "eid" | "silvester" | "carnival monday"
        ) && !written.starts_with(char::is_uppercase)
            && found.as_str() != "ramadan"
            && found.as_str() != "eid";
        let shouted = found.as_str() == "eid" && written == "EID";
        let spell = shouted
            || found.as_str() == "tet" && (written == "TET" || after == "spell" || after == "spells")
            || found.as_str() == "lent" && written == "LENT";
        if !other && !small && !spell {
            days.push(Day { why: WHY, weight: 57, ..Day::of(found.range(), None) });
        }
    }
    let kept = KEPT.find_iter(page.text).map(|found| found.range());
    let saints = SAINT.captures_iter(&page.lower).filter_map(|found| found.get(1)).map(|found| found.range());
    for range in kept.filter(|range| page.alone(range)).chain(saints) {
        let after = page.word_after(range.end);
        // "Children's Day Unit", "the Twelfth rib".
        let other = HOUSES.contains(&after) || page.at(&range).ends_with("Twelfth") && !after.is_empty();
        if !other {
            days.push(Day { why: WHY, weight: 57, ..Day::of(range, None) });
        }
    }
}

/// What is open by day, and is called after somebody: "Women's Day Unit".
const HOUSES: &[&str] = &[
    "care",
    "surgery",
    "case",
    "cases",
    "unit",
    "ward",
    "hospital",
    "centre",
    "center",
    "nursery",
    "clinic",
    "room",
    "school",
    "assessment",
    "service",
    "services",
    "rehab",
    "oncology",
    "therapy",
    "stay",
    "attendance",
    "patient",
    "patients",
    "one",
    "two",
];
