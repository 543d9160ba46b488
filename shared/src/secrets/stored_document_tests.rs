use std::sync::Mutex;

use super::*;

const NAME: &str = "/app/config";

/// Parameters that change when they are read: before each call, the next change is made.
#[derive(Default)]
struct Changing {
    parameters: Mutex<BTreeMap<String, String>>,
    changes: Mutex<Vec<Change>>,
    calls: Mutex<Vec<Vec<String>>>,
}

type Change = (usize, Box<dyn Fn(&mut BTreeMap<String, String>) + Send>);

impl Changing {
    fn of(text: &str, size: usize) -> Self {
        let store = Self::default();
        write(&mut store.parameters.lock().unwrap(), text, size);
        store
    }

    /// Makes a change just before the call of this number, from 0.
    fn before(self, call: usize, change: impl Fn(&mut BTreeMap<String, String>) + Send + 'static) -> Self {
        self.changes.lock().unwrap().push((call, Box::new(change)));
        self
    }

    fn calls(&self) -> usize {
        self.calls.lock().unwrap().len()
    }
}

#[async_trait]
impl ReadParameters for Changing {
    async fn read_parameters(&self, names: &[String]) -> Result<BTreeMap<String, String>, SecretError> {
        assert!((1..=NAMES_PER_CALL).contains(&names.len()), "{names:?}");
        let mut parameters = self.parameters.lock().unwrap();
        for (_, change) in self.changes.lock().unwrap().iter().filter(|(call, _)| *call == self.calls()) {
            change(&mut parameters);
        }
        self.calls.lock().unwrap().push(names.to_vec());
        Ok(names.iter().filter_map(|name| Some((name.clone(), parameters.get(name)?.clone()))).collect())
    }
}

/// Writes a version as a deployment does: parts, then the pointer, then away with the old parts.
fn write(parameters: &mut BTreeMap<String, String>, text: &str, size: usize) {
    let sha256 = put_parts(parameters, text, size);
    let parts = text.len().div_ceil(size);
    parameters.insert(NAME.to_owned(), format!(r#"{{"parts":{parts},"sha256":"{sha256}"}}"#));
    parameters.retain(|name, _| name == NAME || name.contains(&sha256));
}

fn put_parts(parameters: &mut BTreeMap<String, String>, text: &str, size: usize) -> String {
    let sha256 = sha256_hex(text.as_bytes());
    for (index, part) in text.as_bytes().chunks(size).enumerate() {
        parameters.insert(format!("{NAME}/{sha256}/{}", index + 1), String::from_utf8(part.to_vec()).unwrap());
    }
    sha256
}

async fn read(store: &Changing) -> Result<String, StoredDocumentError> {
    read_document(store, NAME).await.map(|document| document.text)
}

#[tokio::test]
async fn parts_are_joined_in_their_order_ten_a_call() {
    let text = "abcdefghijklmnopqrstuvwxy";
    for (size, calls) in [(25, 2), (5, 2), (2, 3), (1, 4)] {
        let store = Changing::of(text, size);
        assert_eq!(read(&store).await.unwrap(), text);
        assert_eq!(store.calls(), calls, "parts of {size}");
    }
}

#[tokio::test]
async fn a_known_version_costs_one_call() {
    let store = Changing::of("text", 2);
    let document = read_document(&store, NAME).await.unwrap();
    assert_eq!(read_changed_document(&store, NAME, &document.sha256).await.unwrap(), None);
    assert_eq!(store.calls(), 3);
    let other = read_changed_document(&store, NAME, "another").await.unwrap();
    assert_eq!(other, Some(document));
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_is_overtaken_reads_the_new_version_whole() {
    let (old, new) = ("A".repeat(24), "B".repeat(30));
    // The switch happens between the pointer and the parts, or between the first ten parts and the rest.
    for call in [1, 2] {
        let written = new.clone();
        let store = Changing::of(&old, 1).before(call, move |parameters| write(parameters, &written, 1));
        assert_eq!(read(&store).await.unwrap(), new, "switched before call {call}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_reader_never_returns_a_mixture() {
    let versions = ["A".repeat(24), "B".repeat(24), "C".repeat(24), "D".repeat(24)];
    for calls in [[1, 2, 3], [1, 3, 5], [2, 4, 6], [1, 4, 8]] {
        let mut store = Changing::of(&versions[0], 1);
        for (call, text) in calls.into_iter().zip(versions[1..].to_vec()) {
            store = store.before(call, move |parameters| write(parameters, &text, 1));
        }
        let text = read(&store).await.unwrap();
        assert!(versions.contains(&text), "switched before calls {calls:?}: {text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_part_that_comes_late_is_waited_for_and_one_that_is_lost_is_an_error() {
    let lose = |parameters: &mut BTreeMap<String, String>| parameters.retain(|name, _| !name.ends_with("/2"));
    let store = Changing::of("abcd", 2).before(0, lose).before(2, |parameters| {
        put_parts(parameters, "abcd", 2);
    });
    assert_eq!(read(&store).await.unwrap(), "abcd");
    let store = Changing::of("abcd", 2).before(0, lose);
    let error = read(&store).await.unwrap_err();
    let expected = format!("{NAME}/{}/2", sha256_hex(b"abcd"));
    assert_eq!(error, StoredDocumentError::MissingPart { name: expected });
    assert!(error.is_damage());
}

#[tokio::test]
async fn another_digest_is_refused_at_once() {
    let swap = |parameters: &mut BTreeMap<String, String>| {
        parameters.iter_mut().filter(|(name, _)| name.ends_with("/2")).for_each(|(_, value)| value.push('!'));
    };
    let store = Changing::of("abcd", 2).before(0, swap);
    assert_eq!(read(&store).await, Err(StoredDocumentError::OtherDigest { name: NAME.to_owned() }));
    assert_eq!(store.calls(), 2);
}

#[tokio::test]
async fn a_parameter_that_is_not_a_pointer_is_refused() {
    let digest = sha256_hex(b"");
    for text in [
        "llm: { provider: bedrock }".to_owned(),
        r#"{"revision":1,"document":{}}"#.to_owned(),
        format!(r#"{{"parts":0,"sha256":"{digest}"}}"#),
        format!(r#"{{"parts":251,"sha256":"{digest}"}}"#),
        r#"{"parts":1,"sha256":"../secret"}"#.to_owned(),
    ] {
        let store = Changing::default();
        store.parameters.lock().unwrap().insert(NAME.to_owned(), text.clone());
        assert_eq!(read(&store).await, Err(StoredDocumentError::NotAPointer { name: NAME.to_owned() }), "{text}");
    }
    let missing = read(&Changing::default()).await.unwrap_err();
    assert!(matches!(missing, StoredDocumentError::Parameter(SecretError::NotFound { .. })), "{missing:?}");
    assert!(!missing.is_damage());
}
