//! Two people edit the units and codes of one product.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{Uid, entities::PRODUCT, record::Record};

fn units() -> usize {
    PRODUCT.part("units").unwrap()
}

fn codes() -> usize {
    PRODUCT.part("codes").unwrap()
}

fn unit(position: i64, name: &str, price: i64) -> Vec<Value> {
    vec![position.into(), name.into(), 1.into(), price.into()]
}

fn code(position: i64, code: &str) -> Vec<Value> {
    vec![position.into(), code.into(), "ean13".into(), 0.into(), Value::Null]
}

/// As a till would that sees no log: what differs from the base on both sides is met.
fn merge(place: usize, base: &Rows, sent: &Rows, hub: &Rows) -> (Rows, Vec<String>) {
    let theirs = changed(&PRODUCT, place, base, hub);
    let mut met = Vec::new();
    let merged = part(&PRODUCT, place, [base, sent, hub], |path| match theirs.iter().any(|their| path.meets(their)) {
        true => {
            met.push(path.text(&PRODUCT));
            Side::Hub
        }
        false => Side::Sent,
    });
    (merged.unwrap(), met)
}

#[test]
fn each_changes_a_cell_of_one_row_and_both_stand() {
    let base = vec![unit(0, "boîte", 500), unit(1, "plaquette", 100)];
    let sent = vec![unit(0, "boîte de 10", 500), unit(1, "plaquette", 100)];
    let hub = vec![unit(0, "boîte", 600), unit(1, "plaquette", 120)];
    let (merged, met) = merge(units(), &base, &sent, &hub);
    assert_eq!(merged, [unit(0, "boîte de 10", 600), unit(1, "plaquette", 120)]);
    assert!(met.is_empty());
}

#[test]
fn one_cell_written_twice_is_met_and_the_rest_is_merged() {
    let base = vec![unit(0, "boîte", 500), unit(1, "plaquette", 100)];
    let sent = vec![unit(0, "boîte", 550), unit(1, "plaquette", 110)];
    let hub = vec![unit(0, "boîte", 600), unit(1, "plaquette", 100)];
    let (merged, met) = merge(units(), &base, &sent, &hub);
    assert_eq!(merged, [unit(0, "boîte", 600), unit(1, "plaquette", 110)]);
    assert_eq!(met, ["units/0/price"]);
    assert!(merge(units(), &base, &hub, &hub).1.is_empty(), "the same value twice is no conflict");
}

#[test]
fn codes_added_on_two_tills_both_stay() {
    let base = vec![code(0, "A")];
    let (sent, hub) = (vec![code(0, "A"), code(1, "B/1")], vec![code(0, "A"), code(1, "C")]);
    let (merged, met) = merge(codes(), &base, &sent, &hub);
    assert_eq!(merged, [code(0, "A"), code(1, "C"), code(2, "B/1")]);
    assert!(met.is_empty());
}

#[test]
fn a_row_taken_away_here_and_changed_there_is_met_whole() {
    let base = vec![unit(0, "boîte", 500), unit(1, "plaquette", 100)];
    let without = vec![unit(0, "boîte", 500)];
    let changed = vec![unit(0, "boîte", 500), unit(1, "plaquette", 120)];
    assert_eq!(merge(units(), &base, &without, &changed), (changed.clone(), vec!["units/1".to_owned()]));
    assert_eq!(merge(units(), &base, &changed, &without), (without.clone(), vec!["units/1".to_owned()]));
    assert_eq!(merge(units(), &base, &without, &base), (without, vec![]));
    let both = [unit(2, "cure", 900), unit(2, "étui", 800)].map(|row| [base.clone(), vec![row]].concat());
    assert_eq!(merge(units(), &base, &both[0], &both[1]).1, ["units/2"], "two rows in one place");
}

#[test]
fn more_codes_than_a_product_has_room_for_are_refused() {
    let many = |letter: &str| (0..40).map(|n| code(n, &format!("{letter}{n}"))).collect::<Rows>();
    let refused = part(&PRODUCT, codes(), [&vec![], &many("A"), &many("B")], |_| Side::Sent);
    assert_eq!(refused.unwrap_err().why, "too many rows");
}

#[test]
fn a_path_is_read_as_it_is_written_and_leads_to_its_value() {
    let mut record = Record::new(&PRODUCT, Uid::from_u128(1), 0);
    record.set(&PRODUCT, "dci", "paracétamol");
    record.parts[units()] = vec![unit(0, "boîte", 500)];
    record.parts[codes()] = vec![code(0, "A/~1")];
    let cases = [
        ("dci", json!("paracétamol")),
        ("archivedAt", json!(null)),
        ("units/0/price", json!(500)),
        ("units/7/price", json!(null)),
        ("codes/A~1~01/kind", json!("ean13")),
        ("codes/A~1~01", json!({ "position": 0, "code": "A/~1", "kind": "ean13", "unit": 0 })),
    ];
    for (text, held) in cases {
        let path = Path::parse(&PRODUCT, text).unwrap();
        assert_eq!((path.text(&PRODUCT), path.read(&PRODUCT, &record)), (text.to_owned(), held));
    }
    for stranger in ["", "colour", "wheels/1", "units/0/colour", "units/0/price/x"] {
        assert_eq!(Path::parse(&PRODUCT, stranger), None, "{stranger}");
    }
}

#[test]
fn what_is_typed_is_checked_by_the_declaration() {
    let mut record = Record::new(&PRODUCT, Uid::from_u128(1), 0);
    record.parts[units()] = vec![unit(0, "boîte", 500)];
    let mut write = |path: &str, json| Path::parse(&PRODUCT, path).unwrap().write(&PRODUCT, &mut record, &json);
    write("units/0/price", json!(650)).unwrap();
    write("units/1", json!({ "position": 1, "name": "plaquette", "factor": 1 })).unwrap();
    write("name", json!("Doliprane")).unwrap();
    write("archivedAt", json!(5)).unwrap();
    assert_eq!(write("units/0/price", json!(-1)).unwrap_err().why, "out of range");
    assert_eq!(write("units/0/price", json!("x")).unwrap_err().field, "units/0/price");
    assert!(write("units/9/price", json!(1)).is_err() && write("minStock", json!(-1)).is_err());
    assert!(write("nameFold", json!("x")).is_err() && write("archivedAt", json!("x")).is_err());
    assert_eq!(record.parts[units()][0], unit(0, "boîte", 650));
    assert_eq!(record.get(&PRODUCT, "name_fold").text(), Some("doliprane"));
    assert_eq!((record.parts[units()].len(), record.archived_at), (2, Some(5)));
}

/// Codes that may be there, and what each of two people makes of them: nothing, another kind, away; or a new one.
fn edited(base: &Rows, edits: &[(usize, u8)], letter: &str) -> Rows {
    let mut rows = base.clone();
    for (n, (at, what)) in edits.iter().enumerate() {
        let at = at % base.len().max(1);
        let of = |rows: &Rows| base.get(at).and_then(|row| rows.iter().position(|other| other[1] == row[1]));
        match (what % 3, of(&rows)) {
            (0, Some(place)) => rows[place][2] = format!("{letter}{n}").into(),
            (1, Some(place)) => _ = rows.remove(place),
            _ => {
                let free = (0..64).find(|free| rows.iter().all(|row| row[0] != Value::Int(*free))).unwrap();
                rows.push(code(free, &format!("{letter}{n}")));
            }
        }
    }
    rows
}

fn without_places(rows: &Rows) -> BTreeSet<Vec<Value>> {
    rows.iter().map(|row| row[1..].to_vec()).collect()
}

proptest! {
    #[test]
    fn edits_that_do_not_meet_commute_and_no_cell_is_lost(
        known in 0..6_i64,
        mine in prop::collection::vec((0..6_usize, 0..9_u8), 0..5),
        theirs in prop::collection::vec((0..6_usize, 0..9_u8), 0..5),
    ) {
        let base: Rows = (0..known).map(|n| code(n, &format!("K{n}"))).collect();
        let (one, two) = (edited(&base, &mine, "M"), edited(&base, &theirs, "T"));
        let (first, met) = merge(codes(), &base, &one, &two);
        let (second, also) = merge(codes(), &base, &two, &one);
        prop_assert_eq!(met.is_empty(), also.is_empty());
        if met.is_empty() {
            prop_assert_eq!(without_places(&first), without_places(&second));
        }
        let kept = changed(&PRODUCT, codes(), &base, &two);
        prop_assert!(kept.iter().all(|path| {
            let at = |rows: &Rows| {
                let record = Record { parts: vec![vec![], rows.clone()], ..Record::new(&PRODUCT, Uid::nil(), 0) };
                let mut held = path.read(&PRODUCT, &record);
                held.as_object_mut().map(|row| row.remove("position"));
                held
            };
            at(&first) == at(&two)
        }), "what the hub had is there, met or not");
        let added = one.iter().filter(|row| base.iter().all(|known| known[1] != row[1]));
        prop_assert!(added.into_iter().all(|row| first.iter().any(|other| other[1] == row[1])));
    }
}
