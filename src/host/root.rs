//! One policy at work in one VM: configuration, the clock's ticks, HTTP calls and the streams that wait for them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use proxy_wasm::hostcalls;
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{Action, BufferType, ContextType};

use super::abilities::Abilities;
use super::attributes::Connections;
use super::calls::Calls;
use super::effects::{Side, apply};
use super::metrics::Metrics;
use super::outbox::{Outbox, Outgoing};
use super::stream::{Closed, Stream};
use crate::exchange::{Answer, Engine, Equipment, Event, Exchange, Identification, Step, StreamId, Ticket};
use crate::policy;
use crate::time::Time;

/// How often due fetches are looked for: a request that waits for a key waits this much longer at most.
const TICK: Duration = Duration::from_millis(100);

/// What the root and its streams share. Single-threaded: a VM belongs to one worker.
pub(super) struct Shared {
    engine: RefCell<Engine>,
    streams: RefCell<HashMap<StreamId, Rc<RefCell<Exchange>>>>,
    pub(super) metrics: Metrics,
    pub(super) outbox: Outbox,
    pub(super) calls: Calls,
    pub(super) connections: Connections,
    /// The policy takes claims from Envoy's dynamic metadata.
    pub(super) reads_metadata: bool,
}

impl Shared {
    pub(super) fn open(&self, id: StreamId, now: Time) -> Rc<RefCell<Exchange>> {
        let exchange = Rc::new(RefCell::new(Exchange::new(id, now)));
        if let Ok(mut streams) = self.streams.try_borrow_mut() {
            streams.insert(id, Rc::clone(&exchange));
        }
        exchange
    }

    /// Callbacks never nest in this ABI; were they to, the inner one is stopped rather than let through.
    pub(super) fn drive(&self, exchange: &RefCell<Exchange>, event: Event, then: impl FnOnce(Step) -> Action) -> Action {
        let step = match (exchange.try_borrow_mut(), self.engine.try_borrow_mut()) {
            (Ok(mut exchange), Ok(mut engine)) => exchange.on(&mut engine, event, now()),
            _ => Step::pause(),
        };
        then(step)
    }

    pub(super) fn close(&self, id: StreamId, exchange: &RefCell<Exchange>) {
        if let Ok(mut streams) = self.streams.try_borrow_mut() {
            streams.remove(&id);
        }
        if let (Ok(mut exchange), Ok(mut engine)) = (exchange.try_borrow_mut(), self.engine.try_borrow_mut()) {
            exchange.release(&mut engine);
        }
    }

    fn all(&self) -> Vec<(StreamId, Rc<RefCell<Exchange>>)> {
        let streams = self.streams.try_borrow();
        streams.map(|streams| streams.iter().map(|(id, exchange)| (*id, Rc::clone(exchange))).collect()).unwrap_or_default()
    }

    /// Tells whoever waits for a call's answer. The effective context is another one afterwards.
    pub(super) fn answered(&self, token: u32, headers: usize, body: usize) {
        if let Some((ticket, answer)) = self.calls.answer(token, headers, body) {
            self.tell(ticket, answer);
        }
    }

    fn tell(&self, ticket: Ticket, answer: Answer) {
        let answered = match self.engine.try_borrow_mut() {
            Ok(mut engine) => engine.answered(ticket, answer, &mut super::shared::Data, now()),
            Err(_) => return,
        };
        for notice in answered.notices {
            log::warn!("{notice}");
        }
        if let Some((id, answer)) = answered.asker {
            self.enter(id, Event::Answered { ticket, answer });
        }
        self.recheck(answered.streams);
    }

    fn recheck(&self, streams: Vec<StreamId>) {
        streams.into_iter().for_each(|id| self.enter(id, Event::Recheck));
    }

    /// Tells a stream of an event from outside its own callbacks.
    fn enter(&self, id: StreamId, event: Event) {
        let Some(exchange) = self.stream(id) else { return };
        if hostcalls::set_effective_context(id.0).is_ok() {
            let _ = self.drive(&exchange, event, |step| apply(step, Side::Request, self));
        }
    }

    fn stream(&self, id: StreamId) -> Option<Rc<RefCell<Exchange>>> {
        self.streams.try_borrow().ok()?.get(&id).cloned()
    }
}

pub(super) struct Root {
    id: u32,
    shared: Option<Rc<Shared>>,
}

impl Root {
    pub(super) fn new(id: u32) -> Self {
        Self { id, shared: None }
    }

    fn configure(&mut self) -> Result<(), String> {
        let bytes = hostcalls::get_buffer(BufferType::PluginConfiguration, 0, usize::MAX).ok().flatten().unwrap_or_default();
        let env = |name: &str| std::env::var(name).ok();
        let loaded = policy::from_configuration(&bytes, &env).map_err(|report| report.to_string())?;
        let digest = loaded.digest.clone();
        let mut engine = Engine::new(&loaded, identification()).map_err(|report| report.to_string())?;
        let Equipment { algorithms, shares_proofs } = engine.equip(Rc::new(Abilities));
        let rules = loaded.policy.rules.len();
        log::info!("portcullis {} ({}): policy {} active, {rules} rules", crate::VERSION, crate::GIT_HASH, digest);
        let by_host = if algorithms.is_empty() { "no".to_owned() } else { algorithms.join(", ") };
        let proofs = if shares_proofs { "all workers" } else { "each worker" };
        log::info!("the host verifies {by_host} signatures; proofs of possession are remembered by {proofs}");
        if !engine.remembers() {
            log::error!("this host shares no data between workers: what budgets and `after` are about is refused");
        }
        let reads_metadata = engine.reads_metadata();
        self.shared = Some(Rc::new(Shared {
            engine: RefCell::new(engine),
            streams: RefCell::default(),
            metrics: Metrics::define(),
            outbox: Outbox::default(),
            calls: Calls::default(),
            connections: Connections::default(),
            reads_metadata,
        }));
        Ok(())
    }

    /// Tells every exchange of a tick. Only those that end because of it are entered: that is a call of the host.
    fn sweep(&self, shared: &Shared) {
        for (id, exchange) in shared.all() {
            let _ = shared.drive(&exchange, Event::Tick, |step| match step.effects.is_empty() {
                false if hostcalls::set_effective_context(id.0).is_ok() => apply(step, Side::Response, shared),
                _ => Action::Pause,
            });
        }
        let _ = hostcalls::set_effective_context(self.id);
    }
}

/// What the server answers is of no interest; Envoy closes the call by itself.
fn post(message: &Outgoing) {
    const TIMEOUT: Duration = Duration::from_secs(5);
    let headers = message.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    if let Err(status) = hostcalls::dispatch_http_call(&message.cluster, headers, Some(&message.body), Vec::new(), TIMEOUT) {
        log::warn!("the cluster `{}` cannot be called ({status:?}): a server waits in vain for an answer", message.cluster);
    }
}

impl Context for Root {
    /// Envoy gives this policy up, after the last of its streams on this worker: it has another one, or ends. An answer that comes in time is taken;
    /// asking Envoy to wait for it (`false`) changes nothing (1.40).
    fn on_done(&mut self) -> bool {
        let Some(shared) = &self.shared else { return true };
        shared.outbox.take().iter().for_each(post);
        if let Ok(mut engine) = shared.engine.try_borrow_mut() {
            let is_idle = shared.streams.try_borrow().is_ok_and(|streams| streams.is_empty());
            engine.end(is_idle, now()).iter().for_each(|call| shared.calls.make(call));
        }
        true
    }

    fn on_http_call_response(&mut self, token: u32, headers: usize, body: usize, _trailers: usize) {
        let Some(shared) = &self.shared else { return };
        shared.answered(token, headers, body);
        let _ = hostcalls::set_effective_context(self.id);
    }
}

impl RootContext for Root {
    fn on_configure(&mut self, _size: usize) -> bool {
        if let Err(report) = self.configure() {
            for line in report.lines() {
                log::error!("portcullis policy refused: {line}");
            }
            return false;
        }
        hostcalls::set_tick_period(TICK).is_ok()
    }

    fn on_tick(&mut self) {
        let Some(shared) = self.shared.clone() else { return };
        let ticked = match shared.engine.try_borrow_mut() {
            Ok(mut engine) => engine.tick(&mut super::shared::Data, now()),
            Err(_) => return,
        };
        for notice in ticked.notices {
            log::warn!("{notice}");
        }
        ticked.calls.iter().for_each(|call| shared.calls.make(call));
        shared.outbox.take().iter().for_each(post);
        for ticket in shared.calls.take_failed() {
            shared.tell(ticket, Answer::Failed);
        }
        shared.recheck(ticked.recheck);
        let _ = hostcalls::set_effective_context(self.id);
        if ticked.sweep {
            self.sweep(&shared);
        }
    }

    fn create_http_context(&self, id: u32) -> Option<Box<dyn HttpContext>> {
        // Envoy makes no stream for a filter that did not configure; were it to, none would pass.
        Some(match &self.shared {
            Some(shared) => Box::new(Stream::new(StreamId(id), Rc::clone(shared))),
            None => Box::new(Closed),
        })
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}

/// The host's clock. One that cannot be read makes every token expired: closed.
pub(super) fn now() -> Time {
    let clock = hostcalls::get_current_time().unwrap_or(SystemTime::UNIX_EPOCH);
    let since = clock.duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

fn identification() -> Identification {
    // Envoy's name for it, and that of hosts which follow the first version of the ABI.
    let mut places = [vec!["xds", "node", "id"], vec!["node", "id"]].into_iter();
    let node = places.find_map(|path| hostcalls::get_property(path).ok().flatten());
    Identification {
        node: node.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default(),
        vm: format!("{:016x}", RandomState::new().build_hasher().finish()),
        version: crate::VERSION,
        git_hash: crate::GIT_HASH,
    }
}
