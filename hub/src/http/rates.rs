//! Brakes: on a device that asks without pause, on strangers by address, on whoever guesses enrolment codes.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;

use axum::http::StatusCode;
use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};
use officine_protocol::{Uid, params};

use super::{Problem, throttle::Throttle};
use crate::settings::Settings;

/// How fast who may ask.
pub struct Rates {
    devices: Option<DefaultKeyedRateLimiter<Uid>>,
    strangers: Option<DefaultKeyedRateLimiter<IpAddr>>,
    /// Wrong enrolment codes, over the whole hub.
    pub codes: Throttle,
}

impl From<&Settings> for Rates {
    fn from(settings: &Settings) -> Self {
        let quota = |rate: u32| NonZeroU32::new(rate).map(Quota::per_minute);
        Self {
            devices: quota(settings.device_rate).map(RateLimiter::keyed),
            strangers: quota(settings.stranger_rate).map(RateLimiter::keyed),
            codes: Throttle::default(),
        }
    }
}

impl Rates {
    /// A known device asks.
    pub fn device(&self, device: Uid) -> Result<(), Problem> {
        check(self.devices.as_ref(), &device, "device")
    }

    /// Somebody without a known token asks.
    pub fn stranger(&self, address: Option<IpAddr>) -> Result<(), Problem> {
        address.map_or(Ok(()), |address| check(self.strangers.as_ref(), &network(address), "stranger"))
    }

    /// Forgets whoever has been quiet long enough to start anew.
    pub fn forget(&self) {
        if let Some(devices) = &self.devices {
            devices.retain_recent();
        }
        if let Some(strangers) = &self.strangers {
            strangers.retain_recent();
            strangers.shrink_to_fit();
        }
    }
}

fn check<K: std::hash::Hash + Eq + Clone>(
    limiter: Option<&DefaultKeyedRateLimiter<K>>,
    key: &K,
    kind: &'static str,
) -> Result<(), Problem> {
    let Some(Err(until)) = limiter.map(|limiter| limiter.check_key(key)) else { return Ok(()) };
    metrics::counter!("officine_hub_limited_total", "kind" => kind).increment(1);
    let seconds = until.wait_time_from(DefaultClock::default().now()).as_secs() + 1;
    Err(Problem::with(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", params! { seconds: seconds }))
}

/// One customer of an IPv6 provider has a whole /64.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(device_rate: u32, stranger_rate: u32) -> Rates {
        Rates::from(&Settings { device_rate, stranger_rate, ..Settings::default() })
    }

    #[test]
    fn one_device_in_a_hurry_holds_up_no_other() {
        let rates = rates(2, 0);
        let (hasty, calm) = (Uid::from_u128(1), Uid::from_u128(2));
        assert!(rates.device(hasty).is_ok() && rates.device(hasty).is_ok());
        let problem = rates.device(hasty).unwrap_err().0;
        assert_eq!((problem.status, problem.code.as_str()), (429, "too_many_requests"));
        assert!((1..=31).contains(&problem.params["seconds"].as_u64().unwrap()));
        assert!(rates.device(calm).is_ok());
    }

    #[test]
    fn strangers_of_one_network_share_a_rate() {
        let rates = rates(0, 1);
        let from = |text: &str| rates.stranger(Some(text.parse().unwrap())).is_ok();
        assert!(from("2001:db8::1") && !from("2001:db8::2") && from("2001:db8:0:1::1"));
        assert!(from("192.0.2.1") && !from("::ffff:192.0.2.1") && from("192.0.2.2"));
        assert!((0..1000).all(|_| rates.device(Uid::from_u128(1)).is_ok()), "no rate, no brake");
    }
}
