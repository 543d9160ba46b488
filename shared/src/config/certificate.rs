//! The certificate authorities of a provider: PEM text of certificates and nothing else.
//!
//! The text stands in the bundle, which is committed and which Terraform keeps in its state.

use std::path::Path;

use super::faults::Faults;
use super::named_file::read_named_file;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";
const LABEL: &str = "CERTIFICATE";

const ALLOWED: &str = "PEM text, or the path of a PEM file within the directory of openclaw.yaml";
const ALLOWED_LABEL: &str = "blocks of the type CERTIFICATE alone; a private key does not belong here";

/// Returns the certificates of a provider as PEM text. They stand in `ca` itself or in the file that it names, within
/// `directory`. Text between the certificates is left out. Faults never show the text.
pub(super) fn certificates(ca: &str, directory: &Path, path: &str, faults: &mut Faults) -> Option<String> {
    let read = if ca.contains(BEGIN) { Ok(ca.to_owned()) } else { read_named_file(directory, ca) };
    let text = match read {
        Ok(text) => text,
        Err(fault) => {
            faults.add(path, fault.found(), ALLOWED);
            return None;
        }
    };
    match blocks(&text) {
        Ok(blocks) if blocks.is_empty() => {
            faults.add(path, "a text without a certificate", ALLOWED);
            None
        }
        Ok(blocks) => Some(blocks),
        Err(PemFault::OtherLabel) => {
            faults.add(path, "PEM text with something other than certificates", ALLOWED_LABEL);
            None
        }
        Err(PemFault::Malformed) => {
            faults.add(path, "a certificate that is not complete", "certificates in PEM, each from BEGIN to END");
            None
        }
    }
}

/// The reason why a PEM text is refused.
enum PemFault {
    /// It has a block of another type, such as a private key.
    OtherLabel,
    /// A certificate has no end, or holds something other than base64.
    Malformed,
}

/// Returns the certificates of a text (RFC 7468) and leaves out what stands between them.
fn blocks(text: &str) -> Result<String, PemFault> {
    let mut blocks = String::new();
    let mut texts = text.split(BEGIN);
    // The text before the first block.
    texts.next();
    for block in texts {
        let body = block.strip_prefix(LABEL).and_then(|rest| rest.strip_prefix(DASHES)).ok_or(PemFault::OtherLabel)?;
        let (body, end) = body.split_once(END).ok_or(PemFault::Malformed)?;
        let is_ended = end.strip_prefix(LABEL).is_some_and(|rest| rest.starts_with(DASHES));
        if !is_ended || !body.chars().all(is_base64) {
            return Err(PemFault::Malformed);
        }
        blocks.extend([BEGIN, LABEL, DASHES, body, END, LABEL, DASHES, "\n"]);
    }
    Ok(blocks)
}

fn is_base64(character: char) -> bool {
    character.is_ascii_alphanumeric() || character.is_ascii_whitespace() || "+/=".contains(character)
}
