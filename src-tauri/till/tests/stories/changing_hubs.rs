//! Hubs that change under a till that reads: an older one answers, one that was restored, one that stumbles.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use officine_protocol::{
    Uid,
    entities::PRODUCT,
    messages::{
        EnrolRequest, EnrolResponse, PullRequest, PullResponse, PushRequest, PushResponse, StatusResponse, WalkRequest,
        WalkResponse,
    },
    params,
    record::Record,
};
use officine_till::{
    Error, Result,
    device::Device,
    sync::transport::{Traffic, Transport},
    views::{DecisionName, MeansName, SearchArgs, SettleSaleArgs},
};

use crate::{
    support::{FakeHub, NOW, Shop, hub::short, paid},
    walking::Past,
};

type Walks = Box<dyn Fn(&WalkRequest) -> Option<Result<WalkResponse>> + Send + Sync>;

/// The way to the scripted hub, where another one answers at times.
struct Way {
    hub: Arc<FakeHub>,
    walks: Mutex<Walks>,
    /// Walks that began.
    begun: AtomicU32,
    /// Pushes are done, and answered as if they were not.
    stumbles: AtomicBool,
    /// Whoever pulls is told that this is another history.
    restored: AtomicBool,
    holds: AtomicU32,
}

impl Way {
    fn to(shop: &Shop) -> Arc<Self> {
        let way = Arc::new(Self {
            hub: shop.hub.clone(),
            walks: Mutex::new(Box::new(|_| None)),
            begun: AtomicU32::default(),
            stumbles: AtomicBool::default(),
            restored: AtomicBool::default(),
            holds: AtomicU32::default(),
        });
        shop.till.set_transport(way.clone());
        way
    }

    fn walks(&self, answer: impl Fn(&WalkRequest) -> Option<Result<WalkResponse>> + Send + Sync + 'static) {
        *self.walks.lock().unwrap() = Box::new(answer);
    }

    /// Once, where a walk goes on.
    fn once(&self, answer: impl Fn(&WalkRequest) -> Result<WalkResponse> + Send + Sync + 'static) {
        let done = AtomicBool::default();
        self.walks(move |request| {
            (request.position.is_some() && !done.swap(true, Ordering::SeqCst)).then(|| answer(request))
        });
    }

    fn begun(&self) -> u32 {
        self.begun.load(Ordering::SeqCst)
    }
}

impl Transport for Way {
    fn enrol(&self, hub: &str, request: &EnrolRequest) -> Result<EnrolResponse> {
        self.hub.enrol(hub, request)
    }

    fn push(&self, device: &Device, request: &PushRequest) -> Result<(PushResponse, Traffic)> {
        let answer = self.hub.push(device, request);
        match self.stumbles.load(Ordering::SeqCst) {
            true => Err(Error::hub("hub_refused", params! { hub: "", status: 500, detail: "" })),
            false => answer,
        }
    }

    fn pull(&self, device: &Device, request: &PullRequest) -> Result<(PullResponse, Traffic)> {
        if !self.restored.load(Ordering::SeqCst) {
            return self.hub.pull(device, request);
        }
        let (next, revision) = (request.cursor, request.cursor.rev + 1);
        let (rows, other_history, has_more) = (Vec::new(), true, false);
        let page = PullResponse { epoch: 1, server_time: NOW, revision, other_history, rows, next, has_more };
        Ok((page, Traffic::default()))
    }

    fn hold(&self, device: &Device, request: &PullRequest) -> Result<(PullResponse, Traffic)> {
        self.holds.fetch_add(1, Ordering::SeqCst);
        self.pull(device, request)
    }

    fn walk(&self, device: &Device, request: &WalkRequest) -> Result<(WalkResponse, Traffic)> {
        self.begun.fetch_add(u32::from(request.position.is_none()), Ordering::SeqCst);
        match (self.walks.lock().unwrap())(request) {
            Some(answer) => answer.map(|page| (page, Traffic::default())),
            None => self.hub.walk(device, request),
        }
    }

    fn status(&self, device: &Device) -> Result<StatusResponse> {
        self.hub.status(device)
    }
}

/// A till that sells while history arrives.
fn under_way() -> (Past, Arc<Way>) {
    let past = Past::new();
    let way = Way::to(&past.shop);
    past.until_it_sells();
    assert_eq!((past.quantities(), way.begun()), (vec![15, 20], 1));
    (past, way)
}

fn not_found() -> Result<WalkResponse> {
    Err(Error::hub("not_found", params!()))
}

#[test]
fn another_history_is_not_asked_for_again_and_again() {
    let shop = Shop::open();
    let way = Way::to(&shop);
    way.restored.store(true, Ordering::SeqCst);
    shop.till.start_sync().unwrap();
    let holds = || way.holds.load(Ordering::SeqCst);
    let told = || shop.till.list_runs().unwrap().into_iter().find(|run| run.trigger == "live");
    while told().is_none() && holds() < 4 {
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    assert_eq!(holds(), 1);
    assert_eq!(told().unwrap().report.problem.unwrap().code, "hub_other_history");
}

#[test]
fn an_older_hub_met_half_way_counts_nothing_twice() {
    let (past, way) = under_way();
    way.walks(|_| Some(not_found()));
    assert_eq!(past.shop.sync().problem.unwrap().code, "not_found");
    assert!(past.walk().is_some());
    assert_eq!(past.quantities(), [15, 20]);
    way.walks(|_| None);
    assert!(past.shop.sync().problem.is_none());
    past.assert_whole();
    assert_eq!(way.begun(), 1);
}

#[test]
fn a_walk_that_stands_still_is_begun_again_by_a_person_at_an_older_hub_too() {
    let (past, way) = under_way();
    way.walks(|_| Some(not_found()));
    assert!(past.shop.sync().problem.is_some());
    assert!(past.shop.till.refresh_data().unwrap().problem.is_none());
    past.assert_whole();
}

#[test]
fn a_till_first_synced_with_an_empty_hub_walks_when_there_is_something() {
    let shop = Shop::enrolled(tempfile::tempdir().unwrap());
    shop.hub.walks();
    assert!(shop.sync().problem.is_none());
    assert!(shop.till.sync_state().unwrap().walk.is_none());
    let past = Past::of(shop);
    past.pages(1);
    assert!(past.shop.till.sync_state().unwrap().walk.unwrap().first);
    past.until_it_sells();
    assert_eq!((past.quantities(), past.balance()), (vec![15, 20], 2_500));
    past.shop.sync();
    past.assert_whole();
}

#[test]
fn a_walk_of_another_version_begins_again() {
    let (past, way) = under_way();
    past.shop.db().execute("UPDATE walk SET schema = 1", []).unwrap();
    assert!(past.shop.sync().problem.is_none());
    assert_eq!(way.begun(), 2);
    past.assert_whole();
    let (past, way) = under_way();
    way.once(|_| Err(Error::hub("walk_position_unknown", params! { status: 400 })));
    assert!(past.shop.sync().problem.is_none());
    assert_eq!(way.begun(), 2);
    past.assert_whole();
}

#[test]
fn a_first_walk_begins_again_where_its_history_is_gone() {
    let (past, way) = under_way();
    way.once(|request| {
        let noted = request.position.as_ref().unwrap().noted;
        let (revision, rows, totals) = (noted.rev, Vec::new(), Default::default());
        let (epoch, other_history) = (request.epoch, true);
        Ok(WalkResponse { epoch, server_time: NOW, revision, other_history, noted, rows, next: None, totals })
    });
    assert!(past.shop.sync().problem.is_none());
    assert_eq!(way.begun(), 2);
    past.assert_whole();
}

#[test]
fn a_sale_that_the_hub_has_and_would_not_say_so_is_taken_off_once() {
    let (past, way) = under_way();
    past.shop.add(past.product, 3);
    past.shop.sell();
    way.stumbles.store(true, Ordering::SeqCst);
    past.pages(1);
    way.stumbles.store(false, Ordering::SeqCst);
    past.pages(0);
    assert!(past.walk().is_some());
    assert_eq!(past.quantities(), [12, 20]);
    past.shop.sync();
    past.assert_whole();
    assert_eq!(past.quantities(), [12, 20]);
}

#[test]
fn an_operation_that_is_refused_whole_does_not_stop_the_walk() {
    let (past, way) = under_way();
    past.shop.add(past.product, 1);
    past.shop.sell();
    way.stumbles.store(true, Ordering::SeqCst);
    assert_eq!(past.shop.sync().problem.unwrap().code, "hub_refused");
    assert_eq!(past.walk(), None);
    way.stumbles.store(false, Ordering::SeqCst);
    past.shop.sync();
    past.assert_whole();
}

#[test]
fn a_ticket_kept_during_the_walk_is_owed_at_once() {
    let (past, _) = under_way();
    past.shop.add(past.product, 1);
    let ticket = past.shop.pay(&[paid(MeansName::Credit, 500)], Some(past.customer)).unwrap();
    past.shop.hub.judge(|operation| (operation.entity == "sale").then(|| short(1, 0)));
    past.pages(0);
    assert_eq!((past.balance(), past.quantities()), (2_500, vec![15, 20]));
    past.shop.sign_in("manager");
    let (sale, decision, reason) = (ticket.uid, DecisionName::Kept, "partie avec le client".to_owned());
    past.shop.till.settle_sale(&SettleSaleArgs { sale, decision, reason, payments: vec![] }).unwrap();
    assert!(past.walk().is_some());
    assert_eq!((past.balance(), past.quantities()), (3_000, vec![14, 20]));
}

#[test]
fn what_came_before_the_line_was_cut_is_found() {
    let shop = Shop::open();
    for (name, code) in [("Paracétamol", "2000000000015"), ("Coton", "2000000000022")] {
        shop.hub.product(name, code, Some(500));
    }
    shop.hub.cut_after_pages(1);
    assert_eq!(shop.sync().problem.unwrap().code, "hub_unreachable");
    assert_eq!(shop.till.search_products(&SearchArgs { text: "para".into(), limit: 5 }).unwrap().len(), 1);
}

#[test]
fn an_older_version_set_aside_does_not_come_back() {
    let past = Past::new();
    let stranger = Uid::from_u128(0xdead);
    let sold = past.sale_elsewhere(7, 0);
    let whole = past.shop.hub.served(sold);
    let mut older = whole.clone();
    (older.uid, older.server_id, older.rev) = (Uid::from_u128(0xbeef), 90_000, past.shop.hub.next_rev());
    older.fields["number"] = 8.into();
    let mut newer = older.clone();
    older.parts.get_mut("items").unwrap()[0]["product"] = stranger.to_string().into();
    past.shop.hub.serve(older);
    assert_eq!(past.shop.sync().unresolved.unwrap().len(), 1);
    newer.rev = past.shop.hub.next_rev();
    newer.fields["state"] = "reversed".into();
    past.shop.hub.serve(newer);
    assert!(past.shop.sync().unresolved.is_none());
    let mut found = Record::new(&PRODUCT, stranger, NOW);
    found.set(&PRODUCT, "name", "Retrouvé").derive(&PRODUCT);
    past.shop.hub.send(&PRODUCT, &found);
    past.shop.sync();
    assert_eq!(past.shop.one::<String>("SELECT state FROM sale WHERE number = 8"), "reversed");
}
