//! Worlds whose actions of type `http` are the real ones, and what they reach: scripted names, and listeners on this machine
//! in place of the internet's.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use openclaw::actions::egress::HostLookup;
use openclaw::actions::{ActionExecutor, BuildContext, executor};
use openclaw::agent::ActionDefinition;
use openclaw::aws::local_context;
use openclaw::config::Environment;
use openclaw::secrets::{CachingSecretResolver, SecretSources};
use openclaw::testing::FixedRandom;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::world::{World, bundle_with, environment};

/// Returns a world on a developer's machine, where `http` actions may call servers on loopback.
pub(crate) fn local_world(entries: &str) -> World {
    world(entries, &Environment::from_pairs([("OPENCLAW_LOCAL", "1")]), &Names::none(), true)
}

/// Returns a world as it is on AWS, where `http` actions look hosts up by these names.
pub(crate) fn deployed_world(entries: &str, names: &Arc<Names>) -> World {
    world(entries, &environment(), names, false)
}

fn world(entries: &str, environment: &Environment, names: &Arc<Names>, is_local: bool) -> World {
    let mut world = World::of_bundle(&bundle_with(entries), environment, &[]);
    let actions = world.config.actions.iter().map(|(name, action)| {
        let executor = if action.kind == "http" {
            real(&world, action, names, is_local)
        } else {
            Arc::clone(&world.actions[name]) as Arc<dyn ActionExecutor>
        };
        (name.clone(), executor)
    });
    let actions = actions.collect();
    world.set_actions(actions);
    world
}

fn real(world: &World, action: &ActionDefinition, names: &Arc<Names>, is_local: bool) -> Arc<dyn ActionExecutor> {
    let (aws, none) = (local_context("http://127.0.0.1:9").unwrap(), BTreeSet::new());
    let context = BuildContext {
        aws: &aws,
        resolver: Arc::new(CachingSecretResolver::new(SecretSources::default(), Arc::clone(&world.clock) as _)),
        clock: Arc::clone(&world.clock) as _,
        random: Arc::new(FixedRandom::default()),
        lookup: Arc::clone(names) as _,
        model: None,
        is_local,
        reserved_tables: &none,
        reserved_functions: &none,
    };
    executor(action, context).unwrap()
}

/// A look-up whose answers come in this order, whatever the host; later ones fail.
pub(crate) struct Names {
    answers: Mutex<VecDeque<IpAddr>>,
    stand_ins: BTreeMap<IpAddr, SocketAddr>,
    asked: Mutex<Vec<String>>,
}

impl Names {
    fn none() -> Arc<Self> {
        Self::new(&[], &[])
    }

    /// Creates a look-up with these answers. A connection to an address, once it was checked, leads to its stand-in.
    pub(crate) fn new(answers: &[&str], stand_ins: &[(&str, SocketAddr)]) -> Arc<Self> {
        let answers = answers.iter().map(|address| address.parse().unwrap()).collect();
        let stand_ins = stand_ins.iter().map(|(address, place)| (address.parse().unwrap(), *place)).collect();
        Arc::new(Self { answers: Mutex::new(answers), stand_ins, asked: Mutex::default() })
    }

    /// Returns the hosts that were looked up.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait]
impl HostLookup for Names {
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        self.asked.lock().unwrap().push(host.to_owned());
        let answer = self.answers.lock().unwrap().pop_front();
        answer.map(|address| vec![address]).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn stand_in(&self, checked: IpAddr) -> Option<SocketAddr> {
        self.stand_ins.get(&checked).copied()
    }
}

/// A server on this machine in place of another: it counts its connections and answers each in plain text.
pub(crate) struct StandIn {
    pub(crate) address: SocketAddr,
    accepted: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

impl StandIn {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let accepted = Arc::<AtomicUsize>::default();
        let (count, mut tasks) = (Arc::clone(&accepted), JoinSet::new());
        tasks.spawn(async move {
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                // The other side may have closed the connection first.
                let _read = socket.read(&mut [0; 4096]).await;
                let _sent = socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecret").await;
            }
        });
        Self { address, accepted, _tasks: tasks }
    }

    /// Returns the number of connections that were made.
    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }
}
