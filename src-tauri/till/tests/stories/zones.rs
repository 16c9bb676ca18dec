//! A lot lies in several zones: what was counted in each adds up, and none is forgotten.

use officine_protocol::{Uid, entities::SETTING, record::Record};
use officine_till::{stocktaking::Others, views::CorrectStockArgs};

use crate::{
    stocktake::{args, close, code_of, count, documents, elsewhere, open, sell, start},
    support::{MINUTE, NOW, goods::units},
};

#[test]
fn zones_add_up_as_of_the_count_of_the_shelf() {
    let (shop, product, lot) = open();
    start(&shop, &[]).unwrap();
    count(&shop, product, "shelf", 3);
    sell(&shop, product, 1);
    let counted = count(&shop, product, "reserve", 9);
    assert_eq!((counted.counted, counted.book, counted.difference), (12, 10, 2));
    close(&shop);
    assert_eq!(shop.quantity(lot), 11);
    shop.assert_sound();
}

#[test]
fn what_another_till_counts_meanwhile_in_another_zone_adds_up() {
    let (shop, product, lot) = open();
    start(&shop, &[]).unwrap();
    count(&shop, product, "reserve", 40);
    sell(&shop, product, 1);
    elsewhere(&shop, 0xc1, lot, ("shelf", 7, NOW + 2 * MINUTE), -3);
    shop.sync();
    let shown = shop.till.stocktake().unwrap().counted.remove(0);
    assert_eq!((shown.counted, shown.zones.len(), shown.zones[1].elsewhere), (47, 2, true));
    close(&shop);
    assert_eq!(shop.quantity(lot), 46, "both zones, less what was sold since the shelf was counted");
    shop.assert_sound();
}

#[test]
fn a_zone_left_to_others_holds_what_its_last_count_says() {
    let (shop, product, lot) = open();
    start(&shop, &[]).unwrap();
    count(&shop, product, "shelf", 2);
    count(&shop, product, "reserve", 40);
    close(&shop);
    start(&shop, &[]).unwrap();
    count(&shop, product, "shelf", 5);
    assert_eq!(code_of(shop.till.close_stocktake(Others::Ask)), "zones_uncounted");
    assert_eq!(shop.till.close_stocktake(Others::Kept).unwrap().differing, 1);
    assert_eq!(shop.quantity(lot), 45);
    let said = |place: usize| documents(&shop)[place].parts["counts"][0].get("complete").is_some();
    assert_eq!((said(0), said(1)), (true, false), "all its zones were counted, then one");
    shop.assert_sound();
}

#[test]
fn zones_are_those_of_the_settings() {
    let (shop, product, _) = open();
    let mut zones = Record::new(&SETTING, Uid::from_u128(71), NOW);
    zones.set(&SETTING, "name", "stock.zones").set(&SETTING, "value", "[\"shelf\", \"frigo\"]");
    shop.hub.send(&SETTING, &zones);
    shop.sync();
    assert_eq!(start(&shop, &[]).unwrap().zones, ["shelf", "frigo"]);
    assert_eq!(code_of(shop.till.count_lot(&args(product, "reserve", 1))), "zone_unknown");
    assert_eq!(count(&shop, product, "frigo", 1).zones[0].zone, "frigo");
}

#[test]
fn a_zone_that_held_boxes_when_it_was_last_counted_is_counted_again_or_said_to_be_empty() {
    for (others_empty, held) in [(false, 42), (true, 40)] {
        let (shop, product, lot) = open();
        start(&shop, &[]).unwrap();
        count(&shop, product, "shelf", 2);
        close(&shop);
        start(&shop, &[]).unwrap();
        count(&shop, product, "reserve", 40);
        let before = shop.traces();
        assert_eq!(code_of(shop.till.close_stocktake(false)), "zones_uncounted");
        assert_eq!((shop.traces(), shop.quantity(lot)), (before, 2));
        if !others_empty {
            count(&shop, product, "shelf", 2);
        }
        shop.till.close_stocktake(others_empty).unwrap();
        assert_eq!(shop.quantity(lot), held);
        assert_eq!(documents(&shop)[1].parts["counts"].len(), 2, "both zones are on the document");
        start(&shop, &[]).unwrap();
        count(&shop, product, "reserve", 39);
        assert_eq!(shop.till.close_stocktake(false).is_ok(), others_empty, "a zone found empty is not asked for");
        shop.assert_sound();
    }
}

#[test]
fn a_lot_that_arrives_between_the_counts_of_its_zones_is_counted_again() {
    let (shop, product, lot) = open();
    shop.sign_in("pharmacist");
    start(&shop, &[]).unwrap();
    count(&shop, product, "shelf", 3);
    shop.clock.advance(MINUTE);
    let (batch, reason) = (lot.to_string(), "carton retrouvé".to_owned());
    shop.till.correct_stock(&CorrectStockArgs { batch, delta: units(20), reason, below_zero: false }).unwrap();
    count(&shop, product, "reserve", 27);
    assert_eq!(code_of(shop.till.close_stocktake(false)), "lot_arrived_while_counted");
    assert_eq!(shop.quantity(lot), 30);
    count(&shop, product, "shelf", 3);
    close(&shop);
    assert_eq!(shop.quantity(lot), 30);
    shop.assert_sound();
}
