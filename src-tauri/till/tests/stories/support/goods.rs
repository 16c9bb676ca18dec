//! What purchasing and stock stories have in common: suppliers, lots by number, what the queue holds.

use officine_protocol::{
    Uid,
    entities::{PRODUCT_BATCH, SUPPLIER},
    messages::Operation,
    record::Record,
};
use officine_till::{
    Result,
    views::{
        CreateOrderArgs, DeliveryView, LotNameArgs, LotView, OrderItemArgs, OrderView, QuantityArgs, ReceiveArgs,
        ReceiveLineArgs,
    },
};

use super::{NOW, Shop};

impl Shop {
    /// A supplier that the hub sent.
    pub fn supplier(&self, name: &str) -> Uid {
        let mut supplier = Record::new(&SUPPLIER, Uid::from_u128(0x5a5a + name.len() as u128), NOW);
        supplier.set(&SUPPLIER, "name", name);
        supplier.derive(&SUPPLIER);
        self.hub.send(&SUPPLIER, &supplier)
    }

    /// A product's lots as the window shows them.
    pub fn lots_of(&self, product: Uid) -> Vec<LotView> {
        self.till.product(&product.to_string()).unwrap().lots
    }

    /// The lot of that number, out of quarantine.
    pub fn lot_named(&self, product: Uid, number: &str) -> LotView {
        let lots = self.lots_of(product);
        lots.into_iter().find(|lot| lot.lot_number == number && !lot.quarantine).expect("a lot")
    }

    /// Every operation recorded here, oldest first.
    pub fn recorded(&self) -> Vec<Operation> {
        let db = self.db();
        let mut statement = db.prepare("SELECT payload FROM outbox ORDER BY seq").unwrap();
        let rows = statement.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
        rows.map(|payload| serde_json::from_slice(&payload.unwrap()).unwrap()).collect()
    }

    /// `entity action` of what was recorded after the first `skip` operations.
    pub fn recorded_after(&self, skip: usize) -> Vec<String> {
        let operations = self.recorded().into_iter().skip(skip);
        operations.map(|operation| format!("{} {}", operation.entity, operation.action.name())).collect()
    }

    /// How many rows a refused act could have left: operations, lots, movements, changes.
    pub fn traces(&self) -> i64 {
        let count = |table: &str| self.one::<i64>(&format!("SELECT count(*) FROM {table}"));
        ["outbox", "product_batch", "stock_movement", "change_log", "stock_adjustment", "supplier_order", "stocktake"]
            .map(count)
            .iter()
            .sum()
    }

    /// A lot in quarantine, with what came back.
    pub fn quarantined(&self, product: Uid, number: &str, expiry: Option<&str>, quantity: i64) -> Uid {
        self.hub.lot_with(product, number, expiry, quantity, |lot| {
            lot.set(&PRODUCT_BATCH, "quarantine", true).set(&PRODUCT_BATCH, "blocked_reason", "quarantaine");
        })
    }
}

/// Base units.
pub fn units(count: i64) -> QuantityArgs {
    QuantityArgs { count, unit: None }
}

/// A lot as its box names it.
pub fn lot_name(number: &str, expiry: Option<&str>) -> LotNameArgs {
    LotNameArgs { lot_number: number.into(), expiry: expiry.map(str::to_owned) }
}

pub const CODE: &str = "2000000000015";

/// A shop with a pharmacist at the till, a supplier and a product in boxes of ten.
pub fn open() -> (Shop, Uid, Uid) {
    let shop = Shop::open();
    let supplier = shop.supplier("Spharma Guinée");
    let product =
        shop.hub.product_in_units("Amoxicilline", CODE, &[("boîte", 10, Some(6_000)), ("gélule", 1, Some(700))]);
    shop.sync();
    shop.sign_in("pharmacist");
    (shop, supplier, product)
}

pub fn boxes(count: i64) -> QuantityArgs {
    QuantityArgs { count, unit: Some(0) }
}

pub fn item(product: Uid, count: i64, free_count: i64, pack_cost: Option<i64>) -> OrderItemArgs {
    OrderItemArgs { product: product.to_string(), quantity: boxes(count), free_count, pack_cost }
}

pub fn order(shop: &Shop, supplier: Uid, items: Vec<OrderItemArgs>) -> Result<OrderView> {
    let (supplier, expected_on) = (supplier.to_string(), Some("2026-11-27".to_owned()));
    shop.till.create_order(&CreateOrderArgs { supplier, expected_on, note: String::new(), items })
}

pub fn line(product: Uid, count: i64, lot: &str, expiry: Option<&str>) -> ReceiveLineArgs {
    ReceiveLineArgs {
        product: product.to_string(),
        quantity: boxes(count),
        free_count: 0,
        pack_cost: None,
        lot: lot_name(lot, expiry),
        scan: String::new(),
        price: None,
    }
}

pub fn receive(shop: &Shop, order: &OrderView, lines: Vec<ReceiveLineArgs>) -> Result<DeliveryView> {
    let order = Some(order.row.uid.clone());
    shop.till.receive(&ReceiveArgs { order, supplier: None, reference: "BL 77".into(), lines })
}

pub fn without_order(shop: &Shop, supplier: Uid, lines: Vec<ReceiveLineArgs>) -> Result<DeliveryView> {
    let supplier = Some(supplier.to_string());
    shop.till.receive(&ReceiveArgs { order: None, supplier, reference: String::new(), lines })
}

pub fn code_of<T: std::fmt::Debug>(result: Result<T>) -> String {
    result.unwrap_err().code()
}
