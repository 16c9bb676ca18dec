//! Who may sign in, and who may do what.

use officine_protocol::roles::{PERMISSIONS, Permission, Role};
use officine_till::{
    Error, Result,
    views::{
        AttachCodeArgs, ChooseLotArgs, CorrectStockArgs, CountArgs, CreateOwnerArgs, DecisionName, DiscountLineArgs,
        FeedSessionArgs, ImportArgs, ListExpensesArgs, NameLotsArgs, RepayArgs, ReturnSaleArgs, SetPriceArgs,
        SettleSaleArgs, SignInArgs, SupplierReturnArgs,
    },
};

use crate::support::{
    DAY, MINUTE, PIN, Shop,
    goods::{lot_name, units},
};

fn try_pin(shop: &Shop, pin: &str) -> Result<()> {
    shop.till.sign_in(&SignInArgs { uid: shop.person("cashier"), pin: pin.into() }).map(|_| ())
}

fn code_of(result: Result<()>) -> String {
    result.unwrap_err().code()
}

#[test]
fn five_wrong_pins_lock_for_one_five_then_fifteen_minutes() {
    let shop = Shop::open();
    for left in (1..=4).rev() {
        let problem = try_pin(&shop, "0000").unwrap_err().problem();
        assert_eq!((problem.code.as_str(), problem.params["left"].as_i64()), ("pin_wrong", Some(left)));
    }
    for minutes in [1, 5, 15, 15] {
        let problem = try_pin(&shop, "0000").unwrap_err().problem();
        assert_eq!((problem.code.as_str(), problem.params["minutes"].as_i64()), ("pin_locked", Some(minutes)));
        assert_eq!(code_of(try_pin(&shop, PIN)), "pin_locked", "even the right one waits");
        shop.clock.advance(minutes * MINUTE - 1);
        assert_eq!(code_of(try_pin(&shop, PIN)), "pin_locked");
        shop.clock.advance(1);
    }
    try_pin(&shop, PIN).unwrap();
    assert_eq!(code_of(try_pin(&shop, "0000")), "pin_wrong", "the right PIN wipes the slate");
}

#[test]
fn a_lock_survives_a_restart_and_a_manager_lifts_it() {
    let shop = Shop::open();
    for _ in 0..5 {
        assert!(try_pin(&shop, "0000").is_err());
    }
    let shop = shop.reopen();
    assert_eq!(code_of(try_pin(&shop, PIN)), "pin_locked");
    let locked = shop.till.people().unwrap().into_iter().find(|person| person.login == "cashier").unwrap();
    assert_eq!(locked.locked_until, Some(crate::support::NOW + MINUTE));
    shop.sign_in("pharmacist");
    assert_eq!(code_of(shop.till.unlock_user(&locked.uid)), "forbidden");
    shop.sign_in("manager");
    shop.till.unlock_user(&locked.uid).unwrap();
    try_pin(&shop, PIN).unwrap();
}

#[test]
fn of_pins_tried_at_once_no_more_are_looked_at_than_one_by_one() {
    let shop = Shop::open();
    let start = std::sync::Barrier::new(8);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                start.wait();
                assert!(try_pin(&shop, "0000").is_err());
            });
        }
    });
    let counted: i64 = shop.one("SELECT failed_pins FROM \"user\" WHERE login = 'cashier'");
    assert_eq!(counted, 5, "the others found the lock");
    assert_eq!(code_of(try_pin(&shop, PIN)), "pin_locked");
    shop.clock.advance(MINUTE);
    try_pin(&shop, PIN).unwrap();
}

#[test]
fn a_lock_written_by_a_clock_that_was_ahead_does_not_hold() {
    let shop = Shop::open();
    shop.clock.advance(30 * DAY);
    for _ in 0..5 {
        assert!(try_pin(&shop, "0000").is_err());
    }
    shop.clock.advance(-30 * DAY);
    try_pin(&shop, PIN).unwrap();
}

#[test]
fn a_pin_that_is_no_pin_counts_as_a_wrong_one() {
    let shop = Shop::open();
    for pin in ["", "25801", "é".repeat(4_000).as_str(), "' OR 1=1"] {
        assert_eq!(code_of(try_pin(&shop, pin)), "pin_wrong");
    }
    let nobody = SignInArgs { uid: "nobody".into(), pin: PIN.into() };
    assert_eq!(shop.till.sign_in(&nobody).unwrap_err().code(), "user_unknown");
}

/// Does what a permission guards, in a way that fails for no other reason than the role.
fn attempt(shop: &Shop, permission: Permission) -> Result<()> {
    let till = &shop.till;
    let import = ImportArgs { path: "/nowhere.csv".into(), rate: String::new() };
    match permission {
        Permission::Sell => till.clear_cart().map(|_| ()),
        Permission::ChooseLot => {
            till.choose_lot(&ChooseLotArgs { line: 1, batch: None, reason: String::new() }).map(|_| ())
        }
        Permission::InHand => till.mark_in_hand(1, true).map(|_| ()),
        Permission::AttachCode => {
            till.attach_code(&AttachCodeArgs { product: "x".into(), code: "1".into(), unit: None }).map(|_| ())
        }
        Permission::SetPrice => till.set_price(&SetPriceArgs { product: "x".into(), unit: 0, price: 1 }).map(|_| ()),
        Permission::Import => till.check_import(&import).and(till.run_import(&import)).map(|_| ()),
        Permission::Settings => {
            let mut settings = till.settings().unwrap();
            settings.phone.push('1');
            till.save_settings(&settings).map(|_| ())
        }
        Permission::CountStock => till.count_lot(&counted()).map(|_| ()),
        Permission::CloseStocktake => till.close_stocktake(false).map(|_| ()).and(till.cancel_stocktake()),
        Permission::AdjustStock => {
            let args = CorrectStockArgs { batch: "x".into(), delta: units(1), reason: "abc".into(), below_zero: false };
            till.correct_stock(&args).map(|_| ())
        }
        Permission::Order => till.close_order("x").map(|_| ()),
        Permission::Receive => till.name_lots(&NameLotsArgs { batch: "x".into(), parts: vec![] }).map(|_| ()),
        Permission::ReturnToSupplier => till.return_to_supplier(&sent_back()).map(|_| ()),
        Permission::EditCustomer => till.archive_customer("x").map(|_| ()),
        Permission::SetCeiling => {
            let given = serde_json::json!({ "name": "Awa", "creditCeiling": 1 });
            till.create_customer(&crate::support::fields(given)).map(|_| ())
        }
        Permission::RequestProduct => till.mark_request("x", "open").map(|_| ()),
        Permission::Recall => till.close_recall("x").map(|_| ()),
        Permission::EditCatalogue => till.archive_supplier("x").map(|_| ()),
        Permission::EditProduct => till.archive_product("x").map(|_| ()),
        Permission::ManageUsers => till.archive_user("x").map(|_| ()),
        Permission::UnlockUser => till.unlock_user(&shop.person("cashier")),
        Permission::Discount => till.discount_line(&DiscountLineArgs { line: 1, discount: None }).map(|_| ()),
        Permission::CancelTicket => till.cancel_last("").map(|_| ()),
        Permission::ReturnSale => till.return_sale(&ReturnSaleArgs::default()).map(|_| ()),
        Permission::SettleSale => till
            .settle_sale(&SettleSaleArgs {
                sale: "x".into(),
                decision: DecisionName::Kept,
                reason: "abc".into(),
                payments: vec![],
            })
            .map(|_| ()),
        Permission::Credit => till.repay(&RepayArgs::default()).map(|_| ()).and(till.list_debtors().map(|_| ())),
        Permission::CashSession => till.feed_session(&feed()).map(|_| ()).and(till.list_sessions().map(|_| ())),
        Permission::Expense => till.list_expenses(&ListExpensesArgs::default()).map(|_| ()),
        Permission::SeeSync => till.retry_operation(1),
        // Nothing is refused for it: what had a cost is answered without. The story of Périmés shows it.
        Permission::SeeCost | Permission::ResolveConflicts => till.allow(permission).map(|_| ()),
    }
}

fn counted() -> CountArgs {
    CountArgs {
        product: "x".into(),
        batch: None,
        lot: lot_name("", None),
        scan: String::new(),
        zone: "shelf".into(),
        quantity: units(1),
        add: false,
    }
}

fn sent_back() -> SupplierReturnArgs {
    SupplierReturnArgs {
        supplier: "x".into(),
        reason: "abc".into(),
        reference: String::new(),
        credit: None,
        lines: vec![],
        below_zero: false,
    }
}

fn feed() -> FeedSessionArgs {
    FeedSessionArgs { inward: true, amount: 1, reason: "monnaie".into() }
}

fn forbidden(result: &Result<()>) -> bool {
    matches!(result, Err(error) if error.code() == "forbidden")
}

#[test]
fn every_permission_is_refused_to_the_roles_below_it_by_the_engine_itself() {
    let shop = Shop::open();
    for role in [Role::Cashier, Role::Pharmacist, Role::Manager, Role::Owner] {
        shop.sign_in(role.name());
        for (permission, name, least) in PERMISSIONS {
            let result = attempt(&shop, permission);
            assert_eq!(forbidden(&result), role < least, "{} and {name}: {result:?}", role.name());
        }
    }
    shop.till.sign_out();
    for (permission, name, _) in PERMISSIONS {
        let error: Error = attempt(&shop, permission).unwrap_err();
        assert_eq!(error.code(), "not_signed_in", "{name}");
    }
}

#[test]
fn a_cashier_changes_this_tills_settings_and_not_the_pharmacys() {
    let shop = Shop::open();
    let mut settings = shop.till.settings().unwrap();
    settings.theme = "dark".into();
    assert_eq!(shop.till.save_settings(&settings).unwrap().theme, "dark");
    settings.in_hand_per_day = 1_000;
    assert_eq!(shop.till.save_settings(&settings).unwrap_err().code(), "forbidden");
    assert_eq!(shop.till.settings().unwrap().in_hand_per_day, 5);
}

#[test]
fn a_pharmacy_with_people_takes_no_second_owner_by_the_back_door() {
    let shop = Shop::open();
    let args = CreateOwnerArgs { name: "Intrus".into(), login: "intrus".into(), pin: "1234".into() };
    assert_eq!(shop.till.create_owner(&args).unwrap_err().code(), "forbidden");
    assert!(shop.till.people().unwrap().iter().all(|person| person.login != "intrus"));
}

#[test]
fn a_till_that_has_read_nothing_yet_takes_no_second_owner_either() {
    let shop = Shop::enrolled(tempfile::tempdir().unwrap());
    shop.hub.user("owner", "owner");
    let args = CreateOwnerArgs { name: "Intrus".into(), login: "intrus".into(), pin: "1234".into() };
    shop.hub.cut_after_pages(0);
    assert_eq!(shop.till.create_owner(&args).unwrap_err().code(), "hub_unreachable");
    shop.hub.cut_after_pages(0);
    assert_eq!(shop.till.load_demo(1).unwrap_err().code(), "hub_unreachable");
    shop.hub.mend();
    assert_eq!(shop.till.create_owner(&args).unwrap_err().code(), "forbidden");
    assert_eq!(shop.till.people().unwrap().len(), 1, "the owner the hub knows");
}

#[test]
fn a_name_too_long_for_the_hub_is_refused_while_it_can_be_corrected() {
    let shop = Shop::open();
    shop.db().execute("UPDATE \"user\" SET archived_at = 1", []).unwrap();
    let owner = |name: &str, login: &str| {
        shop.till.create_owner(&CreateOwnerArgs { name: name.into(), login: login.into(), pin: "1234".into() })
    };
    assert_eq!(code_of(owner(&"é".repeat(81), "awa")), "field_invalid");
    assert_eq!(code_of(owner("Awa", &"a".repeat(33))), "field_invalid");
    owner(&"é".repeat(80), "awa").unwrap();
    let mut settings = shop.till.settings().unwrap();
    settings.address = "x".repeat(20_000);
    shop.till.sign_in(&SignInArgs { uid: shop.person("awa"), pin: "1234".into() }).unwrap();
    assert_eq!(shop.till.save_settings(&settings).unwrap_err().code(), "field_invalid");
}

#[test]
fn a_pin_hash_is_in_no_view_and_in_no_log() {
    let shop = Shop::open();
    let cashier = shop.one::<[u8; 16]>("SELECT uid FROM \"user\" WHERE login = 'cashier'");
    shop.hub.edit(officine_protocol::Uid::from_bytes(cashier), |row| {
        row.fields["pinHash"] = "$argon2id$v=19$m=16,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g".into();
        row.fields["name"] = "Fanta Diallo".into();
    });
    shop.sync();
    let sql = "SELECT count(*) FROM change_log WHERE coalesce(old, '') || coalesce(new, '') LIKE '%argon2%'";
    assert_eq!(shop.one::<i64>(sql), 0);
    assert_eq!(
        shop.one::<i64>("SELECT count(*) FROM change_log WHERE field = 'pinHash'"),
        1,
        "that it changed is told"
    );
    assert_eq!(shop.one::<String>("SELECT old FROM change_log WHERE field = 'name'"), "\"cashier\"");
}

#[test]
fn a_role_taken_away_meanwhile_is_gone_at_once() {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", "2000000000015", Some(500));
    shop.sync();
    shop.sign_in("manager");
    let price = || shop.till.set_price(&SetPriceArgs { product: product.to_string(), unit: 0, price: 600 });
    assert!(price().is_ok());
    shop.db().execute("UPDATE user SET role = 'cashier' WHERE login = 'manager'", []).unwrap();
    assert_eq!(price().unwrap_err().code(), "forbidden");
    shop.db().execute("UPDATE user SET archived_at = 1 WHERE login = 'manager'", []).unwrap();
    assert_eq!(price().unwrap_err().code(), "not_signed_in");
    assert!(shop.till.session().is_err(), "nobody is at the till any more");
}
