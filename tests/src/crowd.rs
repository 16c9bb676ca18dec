//! A crowd: many tills sell the same few products at once through a link that loses answers. What it must come to is
//! what [`books::at_rest`] says.

use std::{collections::BTreeSet, path::Path, path::PathBuf, sync::Arc, thread, time::Instant};

use officine_till::Till;

use crate::{
    Shop,
    books::{self, Census},
    chance::Chance,
    proxy::{Carried, Faults, Proxy},
    work::Clerk,
};

/// How many, of what.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Tills.
    pub tills: usize,
    /// Sales of each.
    pub sales: usize,
    /// Products all of them sell.
    pub products: usize,
    /// Answers lost, of a thousand.
    pub cut_answers: u32,
}

/// What it came to.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// Tickets.
    pub census: Census,
    /// What the link did.
    pub carried: Carried,
    /// Until the last sale was recorded, in seconds.
    pub selling: f64,
    /// Until all books were equal and checked, in seconds.
    pub whole: f64,
}

/// Sells, drains, checks. About one box in ten that somebody asks for is not there.
pub fn run(shop: &Shop, size: Size, seed: u64) -> Figures {
    let begun = Instant::now();
    let boxes = size.tills * size.sales * 3 / size.products.max(1);
    drop(shop.first_till(&shop.hub.url(), size.products, boxes.max(1) as i64 * 9 / 10));
    let mut chance = Chance::new(seed);
    let proxy = Proxy::before(shop.hub.address(), chance.draw());
    let names: Vec<String> = (0..size.tills).map(|till| format!("crowd-{till}")).collect();
    let tills: Vec<Arc<Till>> = names.iter().map(|name| shop.till_through(name, &proxy.url())).collect();
    proxy.suffer(Faults { cut_answers: size.cut_answers, ..Faults::default() });
    let workers: Vec<_> = tills.iter().map(|till| till.start_sync().expect("the worker")).collect();
    let sold = thread::scope(|scope| {
        let clerks: Vec<_> = tills
            .iter()
            .map(|till| {
                let clerk = Clerk::new(chance.draw(), size.products);
                scope.spawn(move || sells(till, clerk, size.sales))
            })
            .collect();
        clerks.into_iter().flat_map(|clerk| clerk.join().expect("a clerk")).collect::<BTreeSet<String>>()
    });
    assert_eq!(sold.len(), size.tills * size.sales);
    let selling = begun.elapsed().as_secs_f64();
    drop(tills);
    workers.into_iter().for_each(|worker| worker.join().expect("the worker ends"));
    let folders: Vec<PathBuf> = names.iter().map(|name| shop.data(name)).collect();
    let first = shop.data("caisse-1");
    let folders: Vec<&Path> = folders.iter().map(PathBuf::as_path).chain([first.as_path()]).collect();
    books::drain(&folders);
    let carried = proxy.carried();
    proxy.heal();
    let census = books::at_rest(shop, &folders, &sold);
    Figures { census, carried, selling, whole: begun.elapsed().as_secs_f64() }
}

/// Sells so many tickets; asks again where the shelf is empty here.
fn sells(till: &Till, mut clerk: Clerk, sales: usize) -> Vec<String> {
    crate::till::sign_in(till, crate::shop::OWNER, crate::shop::PIN);
    let mut tickets = Vec::with_capacity(sales);
    while tickets.len() < sales {
        match clerk.sells(till).expect("a sale") {
            Some(ticket) => tickets.push(ticket),
            None => clerk.restocks(till).expect("boxes"),
        }
    }
    tickets
}
