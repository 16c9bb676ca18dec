//! Goods arrive: one document of kind `receipt`, with its lots, what its supplier asks for each product, and prices set
//! along. More than was ordered is taken and told.

use std::collections::HashMap;

use officine_protocol::{Uid, entities::PRODUCT_SUPPLIER, record::Record, roles::Permission, value::Value};
use rusqlite::OptionalExtension;

use super::{
    arrival::{self, Arrival},
    order_view::{self, StoredOrder},
    orders::open_order,
};
use crate::{
    act::Act,
    adjusting::{self, amount, base_units, bounded, check_lines, document::Head, lots::LotName, pack_size},
    catalogue::{self, lots, offers, products::Product},
    engine::Till,
    error::{Error, Result},
    settings,
    store::rows,
    views::{DeliveryView, OrderLine, Problem, QuantityArgs, ReceiveArgs, ReceiveLineArgs},
};

const REFERENCE_CHARS: usize = 64;

/// A delivery under way.
struct Delivery {
    order: Option<StoredOrder>,
    ordered: HashMap<String, OrderLine>,
    supplier: Option<Uid>,
    arrivals: Vec<Arrival>,
    /// What the supplier asks for a pack: product, francs, base units in it.
    asked: Vec<(Uid, i64, i64)>,
    prices: Vec<(Uid, u32, i64)>,
}

impl Till {
    /// Takes a delivery, of an order or without one.
    pub fn receive(&self, args: &ReceiveArgs) -> Result<DeliveryView> {
        self.allow(Permission::Receive)?;
        if args.lines.iter().any(|line| line.price.is_some()) {
            self.allow(Permission::SetPrice)?;
        }
        let costs = self.sees_costs();
        let mut view = self.move_stock(Permission::Receive, |act| {
            let today = officine_protocol::date::Date::of_instant(act.now);
            let mut delivery = Delivery::begin(act, args)?;
            for line in &args.lines {
                let name = LotName::scanned_or_typed(&line.scan, &line.lot, today)?;
                delivery.line(act, line, name)?;
            }
            delivery.record(act, bounded(&args.reference, REFERENCE_CHARS, "reference")?)
        })?;
        view.order = view.order.map(|order| if costs { order } else { order.without_costs() });
        Ok(view)
    }
}

impl Delivery {
    fn begin(act: &Act<'_>, args: &ReceiveArgs) -> Result<Self> {
        check_lines(args.lines.len())?;
        let order = args.order.as_deref().map(|order| open_order(act.tx, order)).transpose()?;
        let named = args.supplier.as_deref().map(|uid| adjusting::supplier(act.tx, uid)).transpose()?;
        let supplier = order.as_ref().map(|order| order.supplier).or(named.map(|(_, uid)| uid));
        let lines = order.as_ref().map(|order| order.lines(act.tx)).transpose()?.unwrap_or_default();
        let ordered = lines.into_iter().map(|line| (line.product.clone(), line)).collect();
        Ok(Self { order, ordered, supplier, arrivals: Vec::new(), asked: Vec::new(), prices: Vec::new() })
    }

    fn line(&mut self, act: &Act<'_>, line: &ReceiveLineArgs, name: LotName) -> Result<()> {
        let product = Product::living(act.tx, &line.product)?;
        let free = base_units(&product, QuantityArgs { count: line.free_count, ..line.quantity }, 0)?;
        let paid = base_units(&product, line.quantity, i64::from(free == 0))?;
        let ordered = self.ordered.get(&product.uid.to_string()).filter(|line| line.line > 0);
        let pack_size = match ordered {
            Some(ordered) if line.quantity.unit.is_none() => ordered.pack_size,
            _ => pack_size(&product, line.quantity.unit)?,
        };
        let from_order = ordered.and_then(|ordered| {
            let pack = ordered.pack_cost?;
            if ordered.pack_size == pack_size { Some(pack) } else { lots::cost(pack, ordered.pack_size, pack_size) }
        });
        let pack_cost = amount(line.pack_cost, "packCost")?.or(from_order);
        let cost = if paid == 0 { Some(0) } else { pack_cost.and_then(|pack| lots::cost(pack, pack_size, paid)) };
        self.asked.extend(pack_cost.filter(|_| paid > 0).map(|cost| (product.uid, cost, pack_size)));
        if let Some(price) = line.price {
            let unit = line.quantity.unit.or(product.units.first().map(|unit| unit.position)).unwrap_or(0);
            self.prices.push((product.uid, unit, price));
        }
        let arrival = Arrival { product, name, paid, free, cost, pack_size };
        match self.arrivals.iter_mut().find(|known| known.same_lot(&arrival)) {
            Some(known) => known.join(&arrival),
            None => self.arrivals.push(arrival),
        }
        Ok(())
    }

    fn record(&self, act: &mut Act<'_>, reference: String) -> Result<DeliveryView> {
        let today = officine_protocol::date::Date::of_instant(act.now);
        let warning_days = i64::from(settings::read(act.tx)?.expiry_warning_days);
        let order = self.order.as_ref().map(|order| order.uid);
        let origin = arrival::origin(self.supplier, order, act.now);
        let (mut movements, mut warnings, mut opened, mut lines) = (Vec::new(), Vec::new(), 0, 1..);
        for arrival in &self.arrivals {
            let (lot, born) = arrival.lot(act, &origin)?;
            movements.extend(arrival.movements(&lot, &mut lines));
            warnings.extend(arrival.warning(&lot, today, warning_days));
            opened += u32::from(born);
        }
        let head = Head { kind: "receipt", reason: String::new(), order, supplier: self.supplier, reference: None };
        let uid =
            Head { reference: Some(reference).filter(|text| !text.is_empty()), ..head }.record(act, &movements)?;
        self.remember_costs(act)?;
        self.set_prices(act)?;
        let order = order.map(|uid| order_view::view(act.tx, &uid.to_string())).transpose()?;
        warnings.extend(order.iter().flat_map(|order| order.lines.iter().filter_map(|line| self.beyond(line))));
        Ok(DeliveryView {
            uid: uid.to_string(),
            occurred_at: act.now,
            units: movements.iter().map(|movement| movement.delta).sum(),
            cost: movements.iter().filter_map(|movement| movement.cost).fold(0, i64::saturating_add),
            lots_opened: opened,
            warnings,
            order,
        })
    }

    /// More came in all than was ordered, and this delivery brought some of it.
    fn beyond(&self, line: &OrderLine) -> Option<Problem> {
        let brought = self.arrivals.iter().any(|arrival| arrival.product.uid.to_string() == line.product);
        let (ordered, came) = (line.ordered + line.free_ordered, line.received + line.free_received);
        let told = officine_protocol::params! { product: line.name, ordered: ordered, received: came };
        (brought && line.beyond > 0).then(|| Error::refused("received_beyond", told).problem())
    }

    /// What the supplier asks for each product from now on.
    fn remember_costs(&self, act: &mut Act<'_>) -> Result<()> {
        let Some(supplier) = self.supplier else { return Ok(()) };
        for (product, pack_cost, pack_size) in &self.asked {
            let sql = "SELECT l.uid FROM product_supplier l JOIN product p ON p.id = l.product_id \
                       JOIN supplier s ON s.id = l.supplier_id \
                       WHERE p.uid = ?1 AND s.uid = ?2 AND l.archived_at IS NULL ORDER BY l.id LIMIT 1";
            let key = (product.as_bytes(), supplier.as_bytes());
            let known = act.tx.prepare_cached(sql)?.query_row(key, |row| rows::read_uid(row, 0)).optional()?;
            let values: Vec<(&str, Value)> =
                vec![("pack_cost", (*pack_cost).into()), ("pack_size", (*pack_size).into())];
            if let Some(known) = known {
                act.update(&PRODUCT_SUPPLIER, known, values, vec![])?;
                continue;
            }
            let mut link = Record::new(&PRODUCT_SUPPLIER, act.mint(), act.now);
            link.set(&PRODUCT_SUPPLIER, "product", *product).set(&PRODUCT_SUPPLIER, "supplier", supplier);
            for (name, value) in values {
                link.set(&PRODUCT_SUPPLIER, name, value);
            }
            act.create(&PRODUCT_SUPPLIER, &mut link)?;
            offers::settle(act, *product, None)?;
        }
        Ok(())
    }

    fn set_prices(&self, act: &mut Act<'_>) -> Result<()> {
        for (product, unit, price) in &self.prices {
            catalogue::set_unit_price(act, *product, *unit, *price)?;
        }
        Ok(())
    }
}
