//! Screens over a network that fails in every way, before a service that is killed again and again: nothing is lost, nothing comes twice,
//! nothing is out of order, and once the faults stop every screen shows what the service has (`realtime.md` section 9).
//!
//! `STRONGROOM_SOAK=1` (`make soak`) makes it 200 screens and 1,000 faults instead of a short run.

use crate::support::{
    process::{Process, client},
    proxy::{Fault, Proxy, seeded},
    soon,
    viewer::{ALL_AIPS, Screen, Tally, Viewer, aips},
};
use rand::{Rng as _, rngs::StdRng};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use strongroom::domain::{Ids as _, RandomIds};
use tempfile::TempDir;
use tokio::task::JoinHandle;

/// A screen whose connection was cut by the last fault is right long before this.
const PATIENCE: Duration = Duration::from_secs(60);

struct Size {
    viewers: usize,
    faults: u32,
    /// Of them so many are kills of the service.
    kills: u32,
}

const SHORT: Size = Size { viewers: 25, faults: 60, kills: 3 };
const SOAK: Size = Size { viewers: 200, faults: 1_000, kills: 20 };

fn addr(process: &Process) -> SocketAddr {
    process.origin.trim_start_matches("http://").parse().expect("an address")
}

/// Changes things all the time, for as long as it is let; what is refused because the service is down is tried again later.
fn writer(origin: Arc<Mutex<String>>, location: String) -> JoinHandle<()> {
    tokio::spawn(async move {
        let http = client();
        for number in 0_u64.. {
            let origin = origin.lock().expect("not poisoned").clone();
            // AIPs now and then only, so that all of them are one page of the list.
            let change = if number < 2_700 && number % 3 == 0 {
                let body = json!({ "uuid": RandomIds.next(), "name": "fonds", "object_key": RandomIds.next(), "status": "stored" });
                http.post(format!("{origin}/api/storage/aips")).json(&body)
            } else {
                http.patch(format!("{origin}/api/storage/locations/{location}")).json(&json!({ "name": format!("name {number}") }))
            };
            let _ = change.send().await;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
}

async fn get(origin: &str, path: &str) -> (u64, Value) {
    let reply = client().get(format!("{origin}/api/storage/{path}")).send().await.expect("an answer");
    let position = reply.headers()["strongroom-position"].to_str().expect("text").to_owned();
    let seq = position.split('-').nth(1).and_then(|seq| seq.parse().ok()).expect("a place");
    (seq, reply.json().await.expect("JSON"))
}

fn fault(rng: &mut StdRng) -> Fault {
    let ms = |rng: &mut StdRng, most| Duration::from_millis(rng.random_range(1..most));
    match rng.random_range(0..10) {
        0..4 => Fault::Cut,
        4..6 => Fault::Stall(ms(rng, 2_000)),
        6 => Fault::HalfOpen,
        7 => Fault::Delay(ms(rng, 50)),
        8 => Fault::Drip,
        _ => Fault::None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_network_does_no_screen_is_wrong() {
    let size = if std::env::var_os("STRONGROOM_SOAK").is_some() { SOAK } else { SHORT };
    let mut rng = seeded(8_480);
    let data = TempDir::new().expect("a folder");
    // All screens come from one address here.
    let limit = [("STRONGROOM_MONITOR_CONNECTIONS_PER_ADDRESS", "2000")];
    let mut process = Process::start_with(data.path(), &limit).await;
    let proxy = Proxy::start(addr(&process)).await;
    let (_, locations) = get(&process.origin, "locations").await;
    let location = locations[0]["uuid"].as_str().expect("a UUID").to_owned();
    let origin = Arc::new(Mutex::new(process.origin.clone()));
    let writing = writer(Arc::clone(&origin), location);
    let tally = Arc::new(Tally::default());
    let mut viewers: Vec<_> = (0..size.viewers).map(|_| Viewer::open(proxy.addr, Arc::clone(&tally))).collect();
    for viewer in &mut viewers {
        soon("the first connection", viewer.shown.wait_for(|shown| shown.connected)).await.expect("it lives");
    }

    for number in 1..=size.faults {
        if number % (size.faults / size.kills) == 0 {
            process.kill().await;
            process = Process::start_with(data.path(), &limit).await;
            origin.lock().expect("not poisoned").clone_from(&process.origin);
            proxy.point_to(addr(&process));
        } else {
            // Faults come while things happen: the time between two is part of what is played.
            tokio::time::sleep(Duration::from_millis(rng.random_range(1..150))).await;
            let fault = fault(&mut rng);
            proxy.strike(&mut rng, fault);
        }
    }

    writing.abort();
    let _ = writing.await;
    proxy.calm();
    let (end, locations) = get(&process.origin, "locations").await;
    let (_, kept) = get(&process.origin, ALL_AIPS).await;
    let expected = Screen {
        locations: locations
            .as_array()
            .expect("a list")
            .iter()
            .map(|location| {
                let text = |name: &str| location[name].as_str().expect("text").to_owned();
                (text("uuid"), (text("name"), location["version"].as_u64().expect("a number")))
            })
            .collect(),
        aips: aips(&kept),
    };
    for viewer in &mut viewers {
        let right = viewer.shown.wait_for(|shown| shown.connected && shown.seq >= end && shown.screen == expected);
        let right = tokio::time::timeout(PATIENCE, right).await.is_ok_and(|shown| shown.is_ok());
        let shown = viewer.shown.borrow();
        let (missing, surplus): (Vec<_>, Vec<_>) =
            (expected.aips.difference(&shown.screen.aips).collect(), shown.screen.aips.difference(&expected.aips).collect());
        assert!(
            right,
            "a screen is not right: {:?} at {} of {end}, {:?} instead of {:?}, AIPs missing {missing:?}, too many {surplus:?}; {tally:?}",
            shown.status, shown.seq, shown.screen.locations, expected.locations
        );
    }
    println!("{} screens, {} faults, {} kills, {end} changes: {tally:?}", size.viewers, size.faults, size.kills);
    let of = |count: &std::sync::atomic::AtomicU64| count.load(std::sync::atomic::Ordering::Relaxed);
    assert_eq!((of(&tally.lost), of(&tally.twice)), (0, 0));
    assert!(of(&tally.restored) > 0, "what was lost was gone on with");
}
