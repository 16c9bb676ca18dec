//! A pharmacy of a test: a hub, an owner, and as many products of so many boxes as the test asks for.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use officine_till::{
    Till, Trigger,
    import::barcode::ean13_check_digit,
    views::{CreateOwnerArgs, EnrolArgs, ImportArgs},
};
use tempfile::TempDir;

use crate::{Cluster, Database, Hub, till};

/// Login of the owner.
pub const OWNER: &str = "mariama";
/// PIN of the owner.
pub const PIN: &str = "5555";

/// A hub and its pharmacy. Dropped, its folder is gone.
pub struct Shop {
    folder: TempDir,
    /// The hub.
    pub hub: Hub,
    /// The pharmacy's uid.
    pub pharmacy: String,
    /// The cluster its hub is on, where it is not on its embedded database.
    pub cluster: Option<Cluster>,
}

impl Shop {
    /// An empty pharmacy on a hub of its own.
    pub fn open() -> Self {
        Self::with(None)
    }

    /// The same, the hub on a PostgreSQL cluster of its own.
    pub fn open_on_postgres() -> Self {
        Self::open_on(Cluster::start())
    }

    /// The same, on this cluster.
    pub fn open_on(cluster: Cluster) -> Self {
        Self::with(Some(cluster))
    }

    fn with(cluster: Option<Cluster>) -> Self {
        let folder = TempDir::new().expect("a folder");
        let data = folder.path().join("hub");
        let hub = match &cluster {
            Some(cluster) => Hub::start_on(&data, &cluster.database("hub")),
            None => Hub::start(&data),
        };
        let pharmacy = hub.pharmacy("Pharmacie des essais");
        Self { folder, hub, pharmacy, cluster }
    }

    /// Another hub on the same PostgreSQL.
    pub fn hub_beside(&self, name: &str) -> Hub {
        let cluster = self.cluster.as_ref().expect("a shop on PostgreSQL");
        let [app, owner, root] = ["officine_serving", "officine_owner", "hub"].map(|role| cluster.url(role, "hub"));
        Hub::start_on(&self.data(name), &Database { app, owner, root })
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The data folder of a till.
    pub fn data(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// A till that is enrolled through `hub`, an address, and has read everything.
    pub fn till_through(&self, name: &str, hub: &str) -> Arc<Till> {
        let till = till::open(&self.data(name));
        let code = self.hub.code(&self.pharmacy);
        till.enrol(&EnrolArgs { hub: hub.to_owned(), code, till: name.to_owned() }).expect("enrolment");
        sync(&till);
        till
    }

    /// The first till: the owner signed in, `products` products of `boxes` boxes each, all of it on the hub.
    pub fn first_till(&self, hub: &str, products: usize, boxes: i64) -> Arc<Till> {
        let till = self.till_through("caisse-1", hub);
        let [name, login, pin] = ["Hadja Mariama Sylla", OWNER, PIN].map(str::to_owned);
        till.create_owner(&CreateOwnerArgs { name, login, pin }).expect("the owner");
        till::sign_in(&till, OWNER, PIN);
        self.stock(&till, products, boxes);
        sync(&till);
        till
    }

    /// Another till: it gets everything from the hub, and the owner signs in there.
    pub fn next_till(&self, name: &str) -> Arc<Till> {
        let till = self.till_through(name, &self.hub.url());
        till::sign_in(&till, OWNER, PIN);
        till
    }

    fn stock(&self, till: &Till, products: usize, boxes: i64) {
        let mut csv = String::from("designation;code;prix gnf;lot;peremption;quantite\n");
        for product in 0..products {
            let _ = writeln!(csv, "Produit {product};{};5000;L{product};2035-12-31;{boxes}", code(product));
        }
        let file = self.path().join("catalogue.csv");
        std::fs::write(&file, csv).expect("the file");
        let report = till.run_import(&ImportArgs { path: file.display().to_string(), rate: String::new() });
        let report = report.expect("the import");
        assert_eq!((report.created as usize, report.bad_count), (products, 0), "{:?}", report.bad_rows);
    }
}

/// The code of the n-th product.
pub fn code(product: usize) -> String {
    let digits = format!("290{product:09}");
    let check = ean13_check_digit(&digits).expect("twelve digits");
    format!("{digits}{check}")
}

/// Pushes and pulls; nothing may be in the way.
pub fn sync(till: &Till) {
    let report = till.sync_now(Trigger::Manual).expect("a run");
    assert!(report.problem.is_none(), "{:?}", report.problem);
}
