//! How often one address may ask for something that is worth guarding: a bucket of tries that fills again.

use super::problem::Failure;
use crate::domain::Timestamp;
use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
};

/// Addresses that are remembered at most.
const MOST: usize = 10_000;

/// A limit per address.
#[derive(Debug)]
pub struct Rate {
    /// Tries at once.
    burst: u32,
    /// Tries that come back each second.
    per_second: u32,
    buckets: Mutex<HashMap<IpAddr, Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    /// Millionths of tries that are left.
    left: i64,
    at: Timestamp,
}

impl Rate {
    /// A limit that nobody has used yet.
    #[must_use]
    pub fn new(burst: u32, per_second: u32) -> Self {
        Self { burst, per_second, buckets: Mutex::default() }
    }

    fn full(&self) -> i64 {
        i64::from(self.burst) * 1_000_000
    }

    fn filled(&self, bucket: Bucket, now: Timestamp) -> i64 {
        let micros = (now.micros() - bucket.at.micros()).max(0);
        bucket.left.saturating_add(micros.saturating_mul(i64::from(self.per_second))).min(self.full())
    }

    /// Counts a try.
    ///
    /// # Errors
    /// The seconds after which there is one more.
    fn take(&self, address: IpAddr, now: Timestamp) -> Result<(), u64> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let address = neighbourhood(address);
        if buckets.len() >= MOST && !buckets.contains_key(&address) {
            buckets.retain(|_, bucket| self.filled(*bucket, now) < self.full());
            if buckets.len() >= MOST {
                return Err(1);
            }
        }
        let bucket = buckets.entry(address).or_insert(Bucket { left: self.full(), at: now });
        let left = self.filled(*bucket, now);
        if left < 1_000_000 {
            return Err(1);
        }
        *bucket = Bucket { left: left - 1_000_000, at: now };
        Ok(())
    }

    /// Counts a try; what has no address is not limited.
    ///
    /// # Errors
    /// 429 when there were too many.
    pub fn check(&self, address: Option<IpAddr>, now: Timestamp) -> Result<(), Failure> {
        let Some(address) = address else { return Ok(()) };
        self.take(address, now).map_err(|seconds| {
            Failure::too_many(
                "Too many requests of this kind came from this address. Nothing was done; try again in a few seconds.",
                seconds,
            )
        })
    }
}

/// One customer of a network provider has a whole /64 of IPv6 addresses.
fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn tries_run_out_and_come_back() {
        let rate = Rate::new(3, 2);
        let one = address("192.0.2.1");
        let tries = |now| (0..10).filter(|_| rate.take(one, at(now)).is_ok()).count();
        assert_eq!(tries(0), 3);
        assert_eq!(tries(1), 2);
        assert_eq!(tries(100), 3, "no more than at once are saved up");
        assert!(rate.take(address("192.0.2.2"), at(100)).is_ok(), "others have their own");
    }

    #[test]
    fn a_network_of_addresses_is_one() {
        let rate = Rate::new(1, 1);
        assert!(rate.take(address("2001:db8:1:2::1"), at(0)).is_ok());
        assert!(rate.take(address("2001:db8:1:2:ffff::9"), at(0)).is_err());
        assert!(rate.take(address("2001:db8:1:3::1"), at(0)).is_ok());
    }

    #[test]
    fn memory_is_bounded_and_those_who_rested_make_room() {
        let rate = Rate::new(1, 1);
        for n in 0..MOST as u32 {
            assert!(rate.take(std::net::Ipv4Addr::from(n).into(), at(0)).is_ok());
        }
        assert!(rate.take(address("192.0.2.1"), at(0)).is_err());
        assert!(rate.take(address("192.0.2.1"), at(1)).is_ok());
    }
}
