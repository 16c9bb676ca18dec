//! How many connections one network has open: nobody takes them all. This machine is not counted.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use crate::http::network;

type Open = Arc<Mutex<HashMap<IpAddr, u32>>>;

/// Connections open, by network: one IPv4 address, or one /64 of IPv6.
pub struct Networks {
    most: u32,
    open: Open,
}

/// A connection among those of its network, until dropped.
pub struct Counted(Option<(Open, IpAddr)>);

impl Networks {
    /// At most so many of each; 0 for no limit.
    pub fn new(most: u32) -> Self {
        Self { most, open: Open::default() }
    }

    /// One more of this address, unless its network has as many as it may.
    pub fn enter(&self, address: IpAddr) -> Option<Counted> {
        let network = network(address);
        if self.most == 0 || network.is_loopback() {
            return Some(Counted(None));
        }
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(network).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Counted(Some((Arc::clone(&self.open), network))))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let Some((open, network)) = self.0.take() else { return };
        let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&network) {
            *count -= 1;
            if *count == 0 {
                open.remove(&network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_takes_its_share_and_no_more_until_one_leaves() {
        let networks = Networks::new(2);
        let from = |text: &str| networks.enter(text.parse().unwrap());
        let (one, two) = (from("2001:db8::1"), from("2001:db8::2"));
        assert!(one.is_some() && two.is_some() && from("2001:db8::3").is_none());
        assert!(from("2001:db8:0:1::1").is_some(), "next door");
        drop(one);
        assert!(from("2001:db8::3").is_some());
        let here: Vec<_> = (0..9).map(|_| from("127.0.0.1")).collect();
        assert!(here.iter().all(Option::is_some), "this machine, where a proxy may stand");
        drop((two, here));
        assert!(networks.open.lock().unwrap().is_empty(), "who left is forgotten");
        assert!(Networks::new(0).enter("192.0.2.1".parse().unwrap()).is_some());
    }
}
