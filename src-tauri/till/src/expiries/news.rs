//! What the desktop is told once a day: the lots that entered a band since it was last told. The day is kept on this
//! till's disk, before anything is shown: a restart tells nothing twice.

use officine_protocol::date::Date;
use rusqlite::Connection;

use super::{shelf::Shelf, thresholds::Thresholds};
use crate::{error::Result, settings, views::ExpiryNews};

const TOLD: &str = "expiries.toldOn";

/// When the desktop was last told.
pub fn told(connection: &Connection) -> Result<Option<Date>> {
    Ok(settings::local(connection, TOLD)?.as_deref().and_then(Date::parse))
}

/// Keeps that it is told `today`. False: it was already.
pub fn tell(connection: &Connection, today: Date) -> Result<bool> {
    let first = since(told(connection)?, today).is_some();
    if first {
        settings::set_local(connection, TOLD, &today.to_string())?;
    }
    Ok(first)
}

/// From when news count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// Nothing was ever told: all that is in a band is news.
    Ever,
    /// What changed its band after this day.
    Day(Date),
}

/// From when news count today; none where it was told today. A clock set back over midnight was told already. One set
/// back by more was wrong, and so is the day that was kept: the day before today counts.
pub fn since(told: Option<Date>, today: Date) -> Option<Since> {
    match told {
        None => Some(Since::Ever),
        Some(told) if told < today => Some(Since::Day(told)),
        Some(told) if told <= today.plus(1) => None,
        Some(_) => Some(Since::Day(today.minus(1))),
    }
}

/// The lots that are in another, later band than on `since`, the most pressing first.
pub fn news(shelf: &Shelf, thresholds: &Thresholds, since: Since, today: Date) -> Vec<ExpiryNews> {
    let ends = std::iter::once(None).chain(thresholds.days().iter().copied().map(Some));
    let mut news: Vec<_> = ends.map(|days| ExpiryNews { days, lots: 0, at_price: 0 }).collect();
    for (product, stored) in shelf.lots() {
        let Some(expiry) = stored.lot.expiry else { continue };
        let band = |day| thresholds.band(expiry.days_from(day));
        let before = match since {
            Since::Ever => None,
            Since::Day(day) => band(day),
        };
        let Some(now) = band(today).filter(|now| before != Some(*now)) else { continue };
        news[now].lots += 1;
        let worth = product.price_of(stored.lot.quantity).unwrap_or(0);
        news[now].at_price = news[now].at_price.saturating_add(worth);
    }
    news.retain(|entered| entered.lots > 0);
    news
}
