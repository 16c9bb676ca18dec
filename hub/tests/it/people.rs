//! Who owns a pharmacy: always somebody, and nobody by nobody's leave.

use officine_protocol::entities::USER;
use serde_json::json;

use crate::{
    decisions::{accepted, code},
    rooms::Room,
};

pub async fn two_tills_may_not_take_both_owners_away(room: Room) {
    let (one, mut desk) = room.till(5).await;
    let (two, mut stall) = room.till(6).await;
    let mut second = desk.person(stall.user, "bintou", "owner");
    second.user = Some(desk.user);
    let first = desk.owner();
    assert!(room.push(&one, &[first, second]).await.verdicts.iter().all(accepted));
    let mut down = desk.edit(&USER, desk.user, json!({ "role": "manager" }));
    down.user = Some(desk.user);
    let mut gone = stall.operation(&USER, officine_protocol::messages::Action::Delete, stall.user);
    gone.user = Some(stall.user);
    assert!(accepted(&room.push(&one, &[down]).await.verdicts[0]));
    let mut down = stall.edit(&USER, stall.user, json!({ "role": "cashier" }));
    for nobody in [false, true] {
        down = stall.again(&down);
        down.user = Some(stall.user).filter(|_| !nobody);
        let verdicts = room.push(&two, &[gone.clone(), down.clone()]).await.verdicts;
        assert_eq!(verdicts.iter().map(|verdict| code(&verdict.outcome)).collect::<Vec<_>>(), ["last_owner"; 2]);
    }
    let renamed = stall.edit(&USER, stall.user, json!({ "name": "Bintou C.", "role": "owner" }));
    assert_eq!(code(&room.push(&two, &[renamed]).await.verdicts[0].outcome), "not_permitted", "by nobody");
}

pub async fn nobody_gives_the_run_of_a_pharmacy_that_has_an_owner(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let uids = [0; 4].map(|_| shop.uid());
    let manager = shop.person(uids[0], "early", "manager");
    let owner = shop.owner();
    let late = shop.person(uids[1], "late", "manager");
    let mut own = shop.person(uids[2], "self", "owner");
    own.user = Some(uids[2]);
    let clerk = shop.person(uids[3], "clerk", "cashier");
    let mut named = shop.person(uids[1], "late", "manager");
    named.user = Some(shop.user);
    let verdicts = room.push(&device, &[manager, owner.clone(), late, own, clerk, named]).await.verdicts;
    let told: Vec<_> = verdicts.iter().map(|verdict| code(&verdict.outcome)).collect();
    assert_eq!(told, ["accepted", "accepted", "not_permitted", "not_permitted", "accepted", "accepted"]);
    let again = shop.again(&owner);
    assert!(accepted(&room.push(&device, &[again]).await.verdicts[0]), "the same birth told again is no other");
}
