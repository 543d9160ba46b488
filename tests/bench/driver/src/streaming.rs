//! A streamed answer: what the function adds to each token's way, what a token costs, and memory over a long answer.
//!
//! Each token carries the time at which the model sent it. The floor is a client that reads the model's own stream.

use crate::{
    Failure,
    figure::median,
    scene::{Scene, Subject},
};
use openclaw_tests::{clock::stamp_us, model_stub::Behaviour, process::Memory};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Answers of each, in turn.
const ROUNDS: usize = 40;
/// A short answer whose tokens come one by one.
const TOKENS: usize = 25;
const EVERY: Duration = Duration::from_millis(4);
/// Answers whose tokens come at once.
const LONG: usize = 10_000;
const SHORT: usize = 1_000;

/// Milliseconds, and memory.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Streaming {
    pub(crate) first_ms: f64,
    pub(crate) bare_first_ms: f64,
    pub(crate) slowest_ms: f64,
    pub(crate) bare_slowest_ms: f64,
    pub(crate) processor_ms_a_token: f64,
    pub(crate) after_short: Memory,
    pub(crate) after_long: Memory,
}

/// The transit time of each token.
#[derive(Default)]
struct Ways {
    firsts: Vec<f64>,
    slowest: Vec<f64>,
}

impl Ways {
    fn add(&mut self, ways: &[f64]) -> Result<(), Failure> {
        self.firsts.push(*ways.first().ok_or("a stream without tokens")?);
        self.slowest.push(ways.iter().copied().fold(0.0, f64::max));
        Ok(())
    }
}

/// Returns the transit times of the tokens in a piece that has just arrived.
fn ways(piece: &[u8], stamp_us: u64) -> impl Iterator<Item = f64> {
    let text = String::from_utf8_lossy(piece).into_owned();
    let sent = text.split('@').skip(1).filter_map(|rest| rest.split(' ').next()?.parse::<u64>().ok());
    let sent: Vec<u64> = sent.collect();
    sent.into_iter().map(move |sent| Duration::from_micros(stamp_us.saturating_sub(sent)).as_secs_f64() * 1000.0)
}

/// Streams through the function and past it by turns.
pub(crate) async fn measure(scene: &Scene, subject: &Subject) -> Result<Streaming, Failure> {
    let mut function = subject.start().await?;
    let (mut through, mut bare) = (Ways::default(), Ways::default());
    // The first round is cold and does not count.
    for round in 0..=ROUNDS {
        scene.model().push(Behaviour::Tokens { number: TOKENS, every: EVERY });
        let streamed = subject.stream(&mut function).await?;
        let of_function: Vec<f64> =
            streamed.chunks.iter().flat_map(|chunk| ways(&chunk.bytes, chunk.stamp_us)).collect();
        scene.model().push(Behaviour::Tokens { number: TOKENS, every: EVERY });
        let of_model = read_bare(&scene.model().base_url()).await?;
        if (of_function.len(), of_model.len()) != (TOKENS, TOKENS) {
            return Err(format!("{} and {} tokens came of {TOKENS}", of_function.len(), of_model.len()).into());
        }
        if round > 0 {
            through.add(&of_function)?;
            bare.add(&of_model)?;
        }
    }
    let mut memory = Vec::new();
    let mut processor_ms_a_token = 0.0;
    for number in [SHORT, LONG] {
        scene.model().push(Behaviour::Tokens { number, every: Duration::ZERO });
        let before = function.cpu_time()?;
        subject.stream(&mut function).await?;
        let spent = function.cpu_time()?.saturating_sub(before);
        processor_ms_a_token = spent.as_secs_f64() * 1000.0 / f64::from(u32::try_from(number)?);
        memory.push(function.memory()?);
    }
    let [after_short, after_long] = memory.as_slice() else { return Err("two answers have two sizes".into()) };
    Ok(Streaming {
        first_ms: median(through.firsts),
        bare_first_ms: median(bare.firsts),
        // The middle of the slowest of each answer: what else runs on the machine holds single tokens of both.
        slowest_ms: median(through.slowest),
        bare_slowest_ms: median(bare.slowest),
        processor_ms_a_token,
        after_short: *after_short,
        after_long: *after_long,
    })
}

/// Reads the model's own stream as straight as it can be read.
async fn read_bare(base_url: &str) -> Result<Vec<f64>, Failure> {
    let address = base_url.trim_start_matches("http://").trim_end_matches("/v1");
    let mut connection = TcpStream::connect(address).await?;
    connection.set_nodelay(true)?;
    let request = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: {address}\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{{}}"
    );
    connection.write_all(request.as_bytes()).await?;
    let (mut buffer, mut of_model) = (vec![0; 64 * 1024], Vec::new());
    loop {
        let read = connection.read(&mut buffer).await?;
        if read == 0 {
            return Ok(of_model);
        }
        of_model.extend(ways(buffer.get(..read).unwrap_or_default(), stamp_us()));
    }
}
