//! Ports for servers that must be named before they listen.

use std::{
    collections::hash_map::RandomState,
    hash::BuildHasher,
    net::{Ipv4Addr, TcpListener},
    ops::Range,
    sync::atomic::{AtomicU32, Ordering},
};

use anyhow::{Result, anyhow};

/// Under those that kernels hand out by themselves, for port 0 and for every outgoing connection (Linux: 32768 to 60999; IANA: from 49152).
/// What is named first and bound some seconds later, when Envoy is up, would now and then find one of them taken.
const PORTS: Range<u16> = 20_000..32_000;

/// A port of 127.0.0.1 that nobody listens on, and none twice from one process.
pub fn free() -> Result<u16> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let count = PORTS.end - PORTS.start;
    // Processes begin at different places.
    let begin = u32::try_from(RandomState::new().hash_one(()) % u64::from(count)).unwrap_or_default();
    let _ = NEXT.compare_exchange(0, begin.max(1), Ordering::Relaxed, Ordering::Relaxed);
    let next = || u16::try_from(NEXT.fetch_add(1, Ordering::Relaxed) % u32::from(count)).unwrap_or_default();
    (0..count)
        .map(|_| PORTS.start + next())
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .ok_or_else(|| anyhow!("no port of 127.0.0.1 from {} to {} is free", PORTS.start, PORTS.end - 1))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn none_is_given_twice_nor_one_that_is_taken() {
        let first = free().unwrap();
        let next = if first + 1 == PORTS.end { PORTS.start } else { first + 1 };
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, next)).ok();
        let more: HashSet<u16> = (0..50).map(|_| free().unwrap()).collect();
        assert_eq!(more.len(), 50);
        assert!(!more.contains(&first) && more.iter().all(|port| PORTS.contains(port)));
        assert!(taken.is_none() || !more.contains(&next));
    }
}
