use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join;
use tokio::sync::Semaphore;

use super::*;
use crate::domain::Timestamp;
use crate::secrets::EnvironmentSource;

#[derive(Default)]
struct HandClock(AtomicU64);

impl HandClock {
    fn pass(&self, seconds: u64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Answers fetches in the order of its script; the last answer repeats.
struct Scripted {
    script: Mutex<VecDeque<Result<&'static str, SecretError>>>,
    fetches: AtomicUsize,
    gate: Semaphore,
}

#[async_trait]
impl SecretSource for Scripted {
    async fn fetch(&self, reference: &SecretRef) -> Result<SecretString, SecretError> {
        assert!(matches!(reference, SecretRef::Secret { key: None, .. }), "whole secrets are fetched");
        self.fetches.fetch_add(1, Ordering::SeqCst);
        let _permit = self.gate.acquire().await.unwrap();
        let mut script = self.script.lock().unwrap();
        let answer = if script.len() > 1 { script.pop_front().unwrap() } else { script[0].clone() };
        answer.map(SecretString::from)
    }
}

struct Bench {
    source: Arc<Scripted>,
    clock: Arc<HandClock>,
    resolver: CachingSecretResolver,
    key: SecretTemplate,
}

fn bench<const N: usize>(script: [Result<&'static str, SecretError>; N]) -> Bench {
    let source =
        Arc::new(Scripted { script: Mutex::new(script.into()), fetches: AtomicUsize::new(0), gate: Semaphore::new(1) });
    let clock = Arc::new(HandClock::default());
    let sources = SecretSources { secrets_manager: Some(Arc::<Scripted>::clone(&source)), ..SecretSources::default() };
    let resolver = CachingSecretResolver::new(sources, Arc::<HandClock>::clone(&clock));
    Bench { source, clock, resolver, key: SecretTemplate::parse("{{ secrets['key'] }}").unwrap() }
}

impl Bench {
    async fn value(&self) -> String {
        self.resolver.resolve(&self.key).await.unwrap().expose_secret().to_owned()
    }

    fn fetches(&self) -> usize {
        self.source.fetches.load(Ordering::SeqCst)
    }
}

fn unavailable() -> SecretError {
    SecretError::Unavailable { reference: SecretRef::Secret { name: "key".to_owned(), key: None } }
}

#[tokio::test]
async fn nothing_is_fetched_before_it_is_needed_and_then_kept_for_five_minutes() {
    let bench = bench([Ok("one"), Ok("two")]);
    assert_eq!(bench.fetches(), 0);
    assert_eq!(bench.value().await, "one");
    bench.clock.pass(299);
    assert_eq!(bench.value().await, "one");
    assert_eq!(bench.fetches(), 1);
    bench.clock.pass(1);
    assert_eq!(bench.value().await, "two");
    assert_eq!(bench.fetches(), 2);
}

#[tokio::test]
async fn a_renewal_brings_a_rotated_value() {
    let bench = bench([Ok("old"), Ok("new")]);
    assert_eq!(bench.value().await, "old");
    assert!(bench.resolver.renew(&bench.key).await.unwrap());
    assert_eq!(bench.value().await, "new");
    assert_eq!(bench.fetches(), 2);
}

#[tokio::test]
async fn a_bad_key_is_renewed_at_most_once_in_thirty_seconds() {
    let bench = bench([Ok("bad")]);
    assert_eq!(bench.value().await, "bad");
    for _ in 0..10 {
        assert!(!bench.resolver.renew(&bench.key).await.unwrap());
    }
    assert_eq!(bench.fetches(), 2);
    bench.clock.pass(29);
    assert!(!bench.resolver.renew(&bench.key).await.unwrap());
    assert_eq!(bench.fetches(), 2);
    bench.clock.pass(1);
    assert!(!bench.resolver.renew(&bench.key).await.unwrap());
    assert_eq!(bench.fetches(), 3);
}

#[tokio::test]
async fn a_second_caller_with_the_old_value_learns_that_the_first_renewed_it() {
    let bench = bench([Ok("old"), Ok("new")]);
    bench.value().await;
    assert!(bench.resolver.renew(&bench.key).await.unwrap());
    assert!(bench.resolver.renew(&bench.key).await.unwrap());
    assert_eq!(bench.fetches(), 2);
    bench.clock.pass(30);
    assert!(!bench.resolver.renew(&bench.key).await.unwrap());
}

#[tokio::test]
async fn a_failed_refetch_leaves_the_good_value_in_use_and_is_tried_again_later() {
    let bench = bench([Ok("good"), Err(unavailable()), Ok("better")]);
    assert_eq!(bench.value().await, "good");
    bench.clock.pass(300);
    assert_eq!(bench.value().await, "good");
    bench.clock.pass(29);
    assert_eq!(bench.value().await, "good");
    assert_eq!(bench.fetches(), 2);
    bench.clock.pass(1);
    assert_eq!(bench.value().await, "better");
}

#[tokio::test]
async fn a_failed_renewal_leaves_the_good_value_in_use() {
    let bench = bench([Ok("good"), Err(unavailable())]);
    assert_eq!(bench.value().await, "good");
    assert!(!bench.resolver.renew(&bench.key).await.unwrap());
    assert_eq!(bench.value().await, "good");
}

fn gone() -> [SecretError; 3] {
    let reference = || SecretRef::Secret { name: "key".to_owned(), key: None };
    [
        SecretError::NotFound { reference: reference() },
        SecretError::Forbidden { reference: reference() },
        SecretError::Unusable { reference: reference(), why: "it is marked for deletion" },
    ]
}

#[tokio::test]
async fn a_deleted_or_denied_secret_ends_after_five_minutes() {
    for error in gone() {
        let bench = bench([Ok("good"), Err(error.clone())]);
        assert_eq!(bench.value().await, "good");
        bench.clock.pass(299);
        assert!(!bench.resolver.renew(&bench.key).await.unwrap());
        assert_eq!(bench.value().await, "good", "the five minutes are not over: {error}");
        bench.clock.pass(30);
        assert_eq!(bench.resolver.resolve(&bench.key).await.unwrap_err(), error);
        assert_eq!(bench.resolver.resolve(&bench.key).await.unwrap_err(), error, "and does not come back");
    }
}

#[tokio::test]
async fn a_value_outlasts_an_outage_of_its_service_for_a_day() {
    let bench = bench([Ok("good"), Err(unavailable())]);
    assert_eq!(bench.value().await, "good");
    bench.clock.pass(24 * 3600 - 1);
    assert_eq!(bench.value().await, "good");
    bench.clock.pass(30);
    assert_eq!(bench.resolver.resolve(&bench.key).await.unwrap_err(), unavailable());
}

#[tokio::test]
async fn a_failed_first_fetch_fails_and_is_not_kept() {
    let bench = bench([Err(unavailable()), Ok("there")]);
    assert_eq!(bench.resolver.resolve(&bench.key).await.unwrap_err(), unavailable());
    assert_eq!(bench.value().await, "there");
}

#[tokio::test]
async fn callers_at_the_same_time_share_a_fetch() {
    let bench = bench([Ok("one"), Ok("two")]);
    assert_eq!(join(bench.value(), bench.value()).await, ("one".to_owned(), "one".to_owned()));
    assert_eq!(bench.fetches(), 1);
    let (first, second) = join(bench.resolver.renew(&bench.key), bench.resolver.renew(&bench.key)).await;
    assert!(first.unwrap() && second.unwrap());
    assert_eq!(bench.fetches(), 2);
}

#[tokio::test]
async fn a_cancelled_fetch_does_not_block_the_next() {
    let bench = bench([Ok("one")]);
    let held = bench.source.gate.acquire().await.unwrap();
    let cancelled = tokio::time::timeout(Duration::from_millis(10), bench.resolver.resolve(&bench.key)).await;
    assert!(cancelled.is_err());
    drop(held);
    assert_eq!(bench.value().await, "one");
    assert_eq!(bench.fetches(), 2);
}

#[tokio::test]
async fn a_fetch_continues_when_one_of_its_callers_is_cancelled() {
    let bench = bench([Ok("one")]);
    let held = bench.source.gate.acquire().await.unwrap();
    let impatient = tokio::time::timeout(Duration::from_millis(10), bench.resolver.resolve(&bench.key));
    let patient = bench.value();
    let release = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        drop(held);
    };
    let ((exhausted, value), ()) = join(join(impatient, patient), release).await;
    assert!(exhausted.is_err());
    assert_eq!(value, "one");
    assert_eq!(bench.fetches(), 1);
}

#[tokio::test]
async fn keys_of_one_secret_share_its_fetch() {
    let bench = bench([Ok(r#"{"a":"1","b":2}"#)]);
    let both = SecretTemplate::parse("{{ secrets['key#a'] }}-{{ secrets['key#b'] }}").unwrap();
    assert_eq!(bench.resolver.resolve(&both).await.unwrap().expose_secret(), "1-2");
    assert_eq!(bench.fetches(), 1);
    let missing = SecretTemplate::parse("{{ secrets['key#c'] }}").unwrap();
    assert!(matches!(bench.resolver.resolve(&missing).await, Err(SecretError::NotFound { .. })));
}

#[tokio::test]
async fn literals_stay_as_they_are() {
    let bench = bench([Ok("key")]);
    let bearer = SecretTemplate::parse("Bearer {{ secrets['key'] }}!").unwrap();
    assert_eq!(bench.resolver.resolve(&bearer).await.unwrap().expose_secret(), "Bearer key!");
    let literal = SecretTemplate::literal("plain");
    assert_eq!(bench.resolver.resolve(&literal).await.unwrap().expose_secret(), "plain");
    assert!(!bench.resolver.renew(&literal).await.unwrap());
    assert_eq!(bench.fetches(), 1);
}

#[tokio::test]
async fn a_source_that_the_function_does_not_read_is_named() {
    let bench = bench([Ok("key")]);
    for text in ["{{ ssm['/a'] }}", "{{ env['A'] }}"] {
        let template = SecretTemplate::parse(text).unwrap();
        let error = bench.resolver.resolve(&template).await.unwrap_err();
        assert!(matches!(error, SecretError::Unusable { .. }) && !error.is_transient(), "{error}");
    }
}

#[tokio::test]
async fn variables_are_read_from_the_map() {
    let variables = BTreeMap::from([("KEY".to_owned(), SecretString::from("hidden"))]);
    let source = Arc::new(EnvironmentSource::new(variables));
    assert!(!format!("{source:?}").contains("hidden"));
    let sources = SecretSources { environment: Some(source), ..SecretSources::default() };
    let resolver = CachingSecretResolver::new(sources, Arc::new(HandClock::default()));
    let template = SecretTemplate::parse("{{ env['KEY'] }}").unwrap();
    assert_eq!(resolver.resolve(&template).await.unwrap().expose_secret(), "hidden");
    assert!(!format!("{resolver:?}").contains("hidden"));
    let absent = SecretTemplate::parse("{{ env['NONE'] }}").unwrap();
    assert!(matches!(resolver.resolve(&absent).await, Err(SecretError::NotFound { .. })));
}
