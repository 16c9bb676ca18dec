//! Two tills created the same thing: the hub keeps one, and here the other becomes its second name.

use officine_protocol::{
    Uid,
    entities::{PRODUCT_BATCH, SETTING, SUPPLIER},
    messages::{Corrections, Operation, Outcome},
    record::Record,
};
use officine_till::views::ImportArgs;

use crate::support::{NOW, Shop};

fn import(shop: &Shop, text: &str) {
    let path = shop.dir.path().join("catalogue.csv");
    std::fs::write(&path, text).unwrap();
    shop.sign_in("manager");
    let args = ImportArgs { path: path.display().to_string(), rate: String::new() };
    let report = shop.till.run_import(&args).unwrap();
    assert_eq!(report.bad_count, 0, "{:?}", report.bad_rows);
}

const FILE: &str = "Désignation;Code barres;Prix (GNF);Fournisseur;Lot;Péremption;Quantité\n\
                    Paracétamol;2000000000015;500;Spharma Guinée;L1;31/12/2027;30\n";

/// The hub merges every row of an entity into that one, whose content it hands out at the same revision.
fn merge_into(shop: &Shop, entity: &'static str, winner: Uid) {
    let hub = shop.hub.clone();
    shop.hub.judge(move |operation: &Operation| {
        if operation.entity != entity {
            return None;
        }
        let loser = operation.uid;
        hub.edit(winner, |row| row.aliases.push(loser));
        let corrections = Corrections { merged_into: Some(winner), ..Corrections::default() };
        Some(Outcome::Accepted { server_id: hub.served(winner).server_id, rev: hub.revision(), corrections })
    });
}

fn the_hubs_supplier(shop: &Shop) -> Uid {
    let mut supplier = Record::new(&SUPPLIER, Uid::from_u128(0xaa), NOW);
    supplier.set(&SUPPLIER, "name", "SPHARMA GUINEE").set(&SUPPLIER, "phone", "+224 600");
    supplier.derive(&SUPPLIER);
    shop.hub.send(&SUPPLIER, &supplier)
}

#[test]
fn a_supplier_known_to_the_hub_under_another_name_takes_its_name_and_content() {
    let shop = Shop::open();
    import(&shop, FILE);
    let winner = the_hubs_supplier(&shop);
    merge_into(&shop, "supplier", winner);
    assert!(shop.sync().problem.is_none());
    let (count, uid, phone): (i64, [u8; 16], String) = shop
        .db()
        .query_row("SELECT count(*), uid, phone FROM supplier", [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap();
    assert_eq!((count, Uid::from_bytes(uid), phone.as_str()), (1, winner, "+224 600"));
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM product_batch b JOIN supplier s ON s.id = b.supplier_id"), 1);
    assert_eq!(shop.sync().processed, 0);
}

#[test]
fn a_supplier_pulled_before_its_twin_was_pushed_is_one_afterwards() {
    let shop = Shop::open();
    let winner = the_hubs_supplier(&shop);
    shop.hub.gate(|_| Some(crate::support::hub::unreachable()));
    shop.sync();
    shop.hub.accept_all();
    import(&shop, &FILE.replace("Spharma Guinée", "Autre"));
    shop.db().execute("UPDATE supplier SET name_fold = 'spharma guinee' WHERE name = 'Autre'", []).unwrap();
    shop.hub.gate(|request| (!request.operations.is_empty()).then(crate::support::hub::unreachable));
    shop.sync();
    shop.hub.accept_all();
    merge_into(&shop, "supplier", winner);
    shop.sync();
    shop.sync();
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM supplier"), 1);
    let supplier: [u8; 16] = shop.one("SELECT s.uid FROM product_batch b JOIN supplier s ON s.id = b.supplier_id");
    assert_eq!(Uid::from_bytes(supplier), winner, "the lot points at the winner");
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM uid_map"), 1);
    let lost = "SELECT old || ' ' || new FROM change_log WHERE kind = 'merge' AND field = 'name'";
    assert_eq!(shop.one::<String>(lost), "\"Autre\" \"SPHARMA GUINEE\"", "what the loser said is in the log");
}

#[test]
fn a_setting_made_on_two_tills_is_one_setting() {
    let shop = Shop::open();
    shop.sign_in("manager");
    let mut settings = shop.till.settings().unwrap();
    settings.address = "Ratoma".into();
    shop.till.save_settings(&settings).unwrap();
    let mut theirs = Record::new(&SETTING, Uid::from_u128(0xbb), NOW);
    theirs.set(&SETTING, "name", "pharmacy.address").set(&SETTING, "value", "\"Kaloum\"");
    let winner = shop.hub.send(&SETTING, &theirs);
    merge_into(&shop, "setting", winner);
    shop.sync();
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM setting WHERE name = 'pharmacy.address'"), 1);
    assert_eq!(shop.till.settings().unwrap().address, "Kaloum", "the row the hub kept");
}

#[test]
fn two_lots_that_are_one_add_up_to_the_ledger_though_one_line_drew_on_both() {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", "2000000000015", Some(500));
    let loser = shop.hub.lot(product, "L1", Some("2027-12-31"), 3);
    let winner = shop.hub.lot(product, "L1", Some("2027-12-31"), 4);
    shop.sync();
    shop.add(product, 5);
    let receipt = shop.sell();
    shop.sync();
    assert_eq!(
        shop.one::<i64>("SELECT count(*) FROM stock_movement WHERE document_kind = 1"),
        2,
        "one line, both lots"
    );
    shop.add(product, 1);
    shop.hub.edit(winner, |row| row.aliases.push(loser));
    let report = shop.sync();
    assert!(report.problem.is_none(), "{:?}", report.problem);
    assert_eq!((shop.one::<i64>("SELECT count(*) FROM product_batch"), shop.quantity(winner)), (1, 2));
    shop.assert_sound();
    assert_eq!(shop.till.receipt(&receipt.uid).unwrap().lines[0].lots[0].quantity, 5);
    shop.sell();
    assert_eq!(shop.quantity(winner), 1);
}

#[test]
fn a_winner_that_loses_in_turn_leads_to_the_last() {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", "2000000000015", Some(500));
    let lots: Vec<Uid> = (0..3).map(|_| shop.hub.lot(product, "L1", Some("2027-12-31"), 2)).collect();
    shop.sync();
    shop.hub.edit(lots[1], |row| row.aliases.push(lots[0]));
    shop.sync();
    shop.hub.edit(lots[2], |row| row.aliases.push(lots[1]));
    shop.sync();
    assert_eq!(shop.quantity(lots[2]), 6);
    let first = officine_till::store::rows::get(&shop.db(), &PRODUCT_BATCH, lots[0]).unwrap();
    assert_eq!(first.map(|(_, record)| record.uid), Some(lots[2]));
    shop.assert_sound();
}

#[test]
fn what_the_hub_computed_otherwise_is_written_and_logged_though_it_is_written_once() {
    let shop = Shop::open();
    import(&shop, FILE);
    let hub = shop.hub.clone();
    shop.hub.judge(move |operation: &Operation| {
        let fields = serde_json::json!({ "receivedAt": 5, "colour": "red" }).as_object().unwrap().clone();
        let corrections = Corrections { fields, ..Corrections::default() };
        let lot = operation.entity == "productBatch";
        lot.then(|| Outcome::Accepted { server_id: 90, rev: hub.next_rev(), corrections })
    });
    assert!(shop.sync().problem.is_none());
    assert_eq!(shop.one::<i64>("SELECT received_at FROM product_batch"), 5);
    let logged = "SELECT field || ' ' || new FROM change_log WHERE kind = 'correction'";
    assert_eq!(shop.one::<String>(logged), "receivedAt 5");
}

#[test]
fn a_lot_the_hub_keeps_under_another_name_is_the_hubs_in_all_it_says() {
    let shop = Shop::open();
    import(&shop, FILE);
    let product = Uid::from_bytes(shop.one::<[u8; 16]>("SELECT uid FROM product"));
    let mut theirs = Record::new(&PRODUCT_BATCH, Uid::from_u128(0xcc), NOW - 70);
    theirs.set(&PRODUCT_BATCH, "product", product).set(&PRODUCT_BATCH, "lot_number", "l-1");
    theirs.set(&PRODUCT_BATCH, "expiry", 20_271_231).set(&PRODUCT_BATCH, "pack_cost", 77);
    theirs.set(&PRODUCT_BATCH, "pack_size", 5).set(&PRODUCT_BATCH, "received_at", NOW - 90);
    theirs.derive(&PRODUCT_BATCH);
    let winner = shop.hub.send(&PRODUCT_BATCH, &theirs);
    merge_into(&shop, "productBatch", winner);
    assert!(shop.sync().problem.is_none());
    let kept = officine_till::store::rows::get(&shop.db(), &PRODUCT_BATCH, winner).unwrap().unwrap().1;
    let told = |name| kept.get(&PRODUCT_BATCH, name).int();
    assert_eq!((told("received_at"), told("pack_cost"), told("pack_size")), (Some(NOW - 90), Some(77), Some(5)));
    assert_eq!((kept.created_at, kept.get(&PRODUCT_BATCH, "lot_number").text()), (NOW - 70, Some("l-1")));
    assert_eq!((shop.one::<i64>("SELECT count(*) FROM product_batch"), shop.quantity(winner)), (1, 30));
    shop.assert_sound();
}
