//! People settle what was left to them: once, of the row it is about, with values the declaration allows.

use officine_protocol::{
    Uid,
    entities::{CONFLICT, CUSTOMER, PRODUCT, USER},
    messages::{LogRequest, Operation},
    record::Record,
};
use serde_json::{Value as Json, json};

use super::duel::{Duel, lost, said, won};
use crate::{decisions::code, rooms::Room, shop::NOON};

impl Duel {
    /// The expiry written on two tills: the conflict's uid.
    async fn two_expiries(&mut self) -> Uid {
        let (theirs, mine) = (self.expiry(0, 500, "2028-01-31"), self.expiry(1, 900, "2027-12-31"));
        assert_eq!(lost(&self.push(0, &theirs).await), won());
        assert_eq!(lost(&self.push(1, &mine).await).0, "edit");
        mine.key
    }

    pub(super) fn resolution(&mut self, till: usize, conflict: Uid, said: &Json) -> Operation {
        let owner = self.owner;
        let fields = json!({ "resolvedAt": NOON + 2_000, "resolvedBy": owner, "resolution": said.to_string() });
        self.edit(till, 2_000, (&CONFLICT, conflict), fields, json!({}))
    }

    pub(super) fn of_lot(&self, strategy: &str, fields: &Json) -> Json {
        json!({ "entity": "productBatch", "row": self.lot, "strategy": strategy, "fields": fields })
    }

    pub(super) async fn resolve(&mut self, till: usize, conflict: Uid, said: &Json) -> (String, Vec<String>) {
        let operation = self.resolution(till, conflict, said);
        lost(&self.push(till, &operation).await)
    }
}

pub async fn a_resolution_writes_what_was_chosen_and_stands(room: Room) {
    let mut duel = Duel::of(room, None).await;
    let conflict = duel.two_expiries().await;
    let till = duel.of_lot("till", &json!({ "expiry": "2027-12-31" }));
    assert_eq!(duel.resolve(0, conflict, &till).await, won());
    assert_eq!(duel.field(duel.lot, "expiry").await, json!("2027-12-31"));
    assert!(duel.open().await.is_empty());
    let line = duel.told("productBatch", duel.lot).await.pop().unwrap();
    assert_eq!(line, said("expiry", json!("2028-01-31"), json!("2027-12-31"), "resolution", "till"));
    let hub = duel.of_lot("hub", &json!({}));
    assert_eq!(duel.resolve(1, conflict, &hub).await.0, "conflict_settled", "the second comes too late");
    assert_eq!(duel.field(duel.lot, "expiry").await, json!("2027-12-31"));
    let back = duel.edit(
        1,
        3_000,
        (&officine_protocol::entities::PRODUCT_BATCH, duel.lot),
        json!({ "expiry": "2028-01-31" }),
        json!({ "expiry": "2027-12-31" }),
    );
    let back = Operation { base_rev: Some(duel.row(duel.lot).await.rev), ..back };
    assert_eq!(lost(&duel.push(1, &back).await), won(), "undone by an edit upon it");
    assert_eq!(duel.field(duel.lot, "expiry").await, json!("2028-01-31"));
}

pub async fn two_resolutions_at_once_end_with_the_first(room: Room) {
    let mut duel = Duel::of(room, None).await;
    let conflict = duel.two_expiries().await;
    let (one, two) = (
        duel.of_lot("picked", &json!({ "expiry": "2029-05-31" })),
        duel.of_lot("till", &json!({ "expiry": "2027-12-31" })),
    );
    let (one, two) = (duel.resolution(0, conflict, &one), duel.resolution(1, conflict, &two));
    let (first, second) = (duel.push(0, &one).await, duel.push(1, &two).await);
    assert_eq!((lost(&first), code(&second.outcome)), (won(), "conflict_settled"));
    assert_eq!(duel.field(duel.lot, "expiry").await, json!("2029-05-31"), "a typed value is as good as another");
}

pub async fn the_hubs_value_chosen_changes_nothing_and_closes(room: Room) {
    let mut duel = Duel::of(room, None).await;
    let conflict = duel.two_expiries().await;
    let before = duel.row(duel.lot).await;
    let hub = duel.of_lot("hub", &json!({ "expiry": "2028-01-31" }));
    assert_eq!(duel.resolve(0, conflict, &hub).await, won());
    assert_eq!(duel.row(duel.lot).await, before);
    assert!(duel.open().await.is_empty());
    let told = duel.told("conflict", conflict).await;
    assert!(told.iter().any(|(field, _, _, kind, how)| field == "resolution" && kind == "resolution" && how == "hub"));
}

pub async fn a_resolution_is_of_its_conflict_and_holds_what_the_row_may(room: Room) {
    let mut duel = Duel::of(room, None).await;
    let (conflict, product) = (duel.two_expiries().await, duel.product);
    let another = json!({ "entity": "product", "row": product, "strategy": "hub", "fields": {} });
    let cases = [
        (another, "the row of another conflict"),
        (duel.of_lot("chance", &json!({})), "no strategy"),
        (duel.of_lot("distinct", &json!({})), "not for twins"),
        (duel.of_lot("picked", &json!({ "expiry": "2027-02-30" })), "no day"),
        (duel.of_lot("picked", &json!({ "lotNumber": "X" })), "a place that did not meet"),
        (duel.of_lot("picked", &json!({ "quantity": 5 })), "not to be edited at all"),
        (json!({ "strategy": "hub" }), "not a resolution"),
    ];
    for (said, why) in cases {
        assert_eq!(duel.resolve(0, conflict, &said).await.0, "field_invalid", "{why}");
    }
    let hub = duel.of_lot("hub", &json!({}));
    let mut nobody = duel.resolution(0, conflict, &hub);
    nobody.fields.remove("resolvedBy");
    assert_eq!(lost(&duel.push(0, &nobody).await).0, "field_invalid", "it says who");
    let mut half = duel.resolution(0, conflict, &hub);
    half.fields.remove("resolvedAt");
    assert_eq!(lost(&duel.push(0, &half).await).0, "field_invalid", "and when");
    assert_eq!(duel.open().await.len(), 1, "it is as open as before");
    assert_eq!(duel.resolve(0, conflict, &hub).await, won());
}

pub async fn tills_make_no_conflicts_and_take_none_away(room: Room) {
    let mut duel = Duel::of(room, None).await;
    let conflict = duel.two_expiries().await;
    let shop = &mut duel.tills[1].1;
    let mut record = Record::new(&CONFLICT, shop.uid(), NOON);
    record.set(&CONFLICT, "entity", "product").set(&CONFLICT, "fields", "[]").set(&CONFLICT, "edited_at", NOON);
    let birth = shop.birth(&CONFLICT, &record);
    assert_eq!(lost(&duel.push(1, &birth).await).0, "made_by_hub");
    let away = duel.archival(1, 0, (&CONFLICT, conflict));
    assert_eq!(lost(&duel.push(1, &away).await).0, "made_by_hub");
    let rewritten = duel.edit(1, 0, (&CONFLICT, conflict), json!({ "fields": "[]" }), json!({}));
    assert_eq!(lost(&duel.push(1, &rewritten).await), won());
    assert_ne!(duel.field(conflict, "fields").await, json!("[]"), "what met is the hub's to say");
}

pub async fn who_resolves_may_what_they_choose(room: Room) {
    let mut duel = Duel::of(room, None).await;
    let (cashier, manager) = (duel.tills[0].1.uid(), duel.tills[0].1.uid());
    let people = [(cashier, "ali", "cashier"), (manager, "fanta", "manager")];
    let owner = duel.owner;
    let by_owner = |operation: Operation| Operation { user: Some(owner), ..operation };
    let people = people.map(|(uid, login, role)| by_owner(duel.tills[0].1.person(uid, login, role)));
    let strategy = duel.tills[0].1.setting("conflict.user", "\"manual\"").1;
    duel.room.push_at(&duel.tills[0].0, &[&people[..], &[strategy]].concat(), 0).await;
    let lots = duel.two_expiries().await;
    let said = duel.of_lot("hub", &json!({}));
    let by = |person: Uid, operation: Operation| {
        let mut operation = Operation { user: Some(person), ..operation };
        operation.fields.insert("resolvedBy".into(), json!(person));
        operation
    };
    let refused = by(cashier, duel.resolution(0, lots, &said));
    assert_eq!(lost(&duel.push(0, &refused).await).0, "not_permitted");
    let roles = ["pharmacist", "owner"].map(|role| json!({ "role": role }));
    for (till, role) in roles.iter().enumerate() {
        let edit = duel.edit(till, 100, (&USER, manager), role.clone(), json!({ "role": "manager" }));
        duel.push(till, &edit).await;
    }
    let (conflict, ..) = duel.open().await.pop().unwrap();
    let owner = json!({ "entity": "user", "row": manager, "strategy": "till", "fields": { "role": "owner" } });
    let sory = duel.tills[1].1.uid();
    let born = duel.tills[1].1.person(sory, "sory", "manager");
    duel.push(1, &Operation { user: Some(duel.owner), ..born }).await;
    let above = by(sory, duel.resolution(1, conflict, &owner));
    assert_eq!(lost(&duel.push(1, &above).await).0, "not_permitted", "a manager makes nobody an owner");
    assert_eq!(duel.resolve(1, conflict, &owner).await, won(), "an owner may");
    assert_eq!(duel.field(manager, "role").await, json!("owner"));
}

pub async fn a_cell_and_an_archival_are_resolved_too(room: Room) {
    let mut duel = Duel::of(room, None).await;
    let prices = [duel.units(0, 500, &[("boîte", 1_800)]), duel.units(1, 900, &[("boîte", 1_900)])];
    for (till, price) in prices.iter().enumerate() {
        duel.push(till, price).await;
    }
    let product = duel.product;
    let said_of = |fields: Json| json!({ "entity": "product", "row": product, "strategy": "picked", "fields": fields });
    let wrong = said_of(json!({ "units/0/price": -5 }));
    assert_eq!(duel.resolve(0, prices[1].key, &wrong).await.0, "field_invalid");
    let right = said_of(json!({ "units/0/price": 1_850 }));
    assert_eq!(duel.resolve(0, prices[1].key, &right).await, won());
    assert_eq!(json!(duel.row(product).await.parts["units"])[0]["price"], json!(1_850));
    let strategy = duel.tills[0].1.setting("conflict.product", "\"manual\"").1;
    duel.push(0, &strategy).await;
    let archival = duel.archival(2, 950, (&PRODUCT, product));
    assert_eq!(lost(&duel.push(2, &archival).await).0, "delete", "prices were edited since");
    let gone = said_of(json!({ "archivedAt": NOON + 950 }));
    assert_eq!(duel.resolve(2, archival.key, &gone).await, won());
    assert_eq!(duel.row(product).await.archived_at, Some(NOON + 950));
    let line = duel.told("product", product).await.pop().unwrap();
    assert_eq!(line, said("archivedAt", Json::Null, json!(NOON + 950), "resolution", "picked"));
}

pub async fn twins_that_are_proposed_wait_for_a_person(room: Room) {
    let mut duel = Duel::of(room, None).await;
    let mut customers = Vec::new();
    for till in 0..2 {
        let shop = &mut duel.tills[till].1;
        let mut record = Record::new(&CUSTOMER, shop.uid(), NOON);
        record.set(&CUSTOMER, "name", format!("Awa {till}")).set(&CUSTOMER, "phone", "622000000");
        let birth = shop.birth(&CUSTOMER, &record);
        assert_eq!(lost(&duel.push(till, &birth).await), won(), "both are there meanwhile");
        customers.push((record.uid, birth.key));
    }
    let [(known, _), (new, key)] = customers[..] else { panic!() };
    let open = duel.open().await;
    assert_eq!(open, [(key, "twin".to_owned(), vec![("phone".to_owned(), Json::Null, json!(new), json!([known]))])]);
    let said = |strategy: &str| json!({ "entity": "customer", "row": new, "strategy": strategy, "fields": {} });
    assert_eq!(duel.resolve(0, key, &said("hub")).await.0, "field_invalid");
    assert_eq!(duel.resolve(0, key, &said("distinct")).await, won());
    assert!(duel.open().await.is_empty());
}

pub async fn the_log_is_read_in_pages_filtered_and_of_one_pharmacy(room: Room) {
    let mut duel = Duel::of(room.clone(), None).await;
    duel.two_expiries().await;
    for (till, stock) in [(0, 3), (1, 5), (2, 7)] {
        let edit = duel.threshold(till, 1_000 * stock, stock);
        duel.push(till, &edit).await;
    }
    let store = room.app.store.clone();
    let ask = async |asked: LogRequest| store.log(&duel.tills[0].0, asked).await.unwrap();
    let all = ask(LogRequest { limit: 500, ..Default::default() }).await.lines;
    let (mut read, mut after) = (Vec::new(), None);
    loop {
        let page = ask(LogRequest { limit: 1, after, ..Default::default() }).await;
        read.extend(page.lines);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(read, all, "page by page as at once");
    assert!(all.windows(2).all(|pair| pair[0].id > pair[1].id || pair[0].rev == pair[1].rev));
    let fought = ask(LogRequest { kinds: vec!["conflict".into()], limit: 9, ..Default::default() }).await.lines;
    assert!(fought.len() == 3 && fought.iter().all(|line| line.kind == "conflict" && line.strategy.is_some()));
    let late = LogRequest { since: Some(NOON + 5_000), until: Some(NOON + 7_000), limit: 9, ..Default::default() };
    assert_eq!(ask(late).await.lines.iter().map(|line| line.at).collect::<Vec<_>>(), [NOON + 5_000]);
    let there = LogRequest { device: Some(duel.tills[2].0.uid), limit: 9, ..Default::default() };
    let there = ask(there).await.lines;
    assert_eq!((there.len(), there[0].user_name.as_str(), there[0].device_name.as_str()), (1, "awa", "Caisse"));
    let nobody = LogRequest { user: Some(Uid::from_u128(404)), limit: 9, ..Default::default() };
    assert!(ask(nobody).await.lines.is_empty());
    let other = Room::new(room.app.store.clone()).await;
    let (stranger, mut spy) = other.till(8).await;
    let lot = LogRequest { entity: Some("productBatch".into()), uid: Some(duel.lot), limit: 9, ..Default::default() };
    assert!(store.log(&stranger, lot).await.unwrap().lines.is_empty());
    assert!(store.log(&stranger, LogRequest { limit: 9, ..Default::default() }).await.unwrap().lines.is_empty());
    let (conflict, ..) = duel.open().await.pop().unwrap();
    let owner = spy.owner();
    other.push(&stranger, &[owner]).await;
    let said = json!({ "entity": "productBatch", "row": duel.lot, "strategy": "hub", "fields": {} }).to_string();
    let meddling =
        spy.edit(&CONFLICT, conflict, json!({ "resolvedAt": NOON, "resolvedBy": spy.user, "resolution": said }));
    let verdict = other.push(&stranger, &[meddling]).await.verdicts.remove(0);
    assert_eq!(code(&verdict.outcome), "deferred", "another pharmacy's conflict is not there");
}
