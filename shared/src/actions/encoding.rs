//! Values in requests: they cannot leave the path segment, the parameter or the header that they were put into.

use http::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Every character but the unreserved ones (RFC 3986, section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A value that cannot be a segment of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSegment {
    /// The value is empty, so that the path would lose a segment.
    #[error("a value in the path is empty")]
    Empty,
    /// The value is `.` or `..`, which mean another place in the path.
    #[error("a value in the path is . or ..")]
    Dots,
}

/// A value that cannot be in a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a header has characters other than visible ASCII and spaces")]
pub struct InvalidHeaderText;

/// Returns a value percent-encoded as one segment of a path.
///
/// # Errors
/// [`InvalidSegment`], because the value would change the path around it.
pub fn path_segment(value: &str) -> Result<String, InvalidSegment> {
    match value {
        "" => Err(InvalidSegment::Empty),
        // Encoded dots mean the same (URL Standard, "double-dot URL path segment").
        "." | ".." => Err(InvalidSegment::Dots),
        _ => Ok(query_component(value)),
    }
}

/// Returns a value percent-encoded as a name or a value of a query. A space becomes `%20`.
#[must_use]
pub fn query_component(value: &str) -> String {
    utf8_percent_encode(value, RESERVED).to_string()
}

/// Returns a value as a header's. Bytes other than ASCII have no agreed meaning there (RFC 9110, section 5.5), a control
/// character could end the header, and spaces around a value are dropped on the way, so that another value would arrive than
/// was judged.
///
/// # Errors
/// [`InvalidHeaderText`] if the value has other characters than visible ASCII and spaces, or a space around it.
pub fn header_value(value: &str) -> Result<HeaderValue, InvalidHeaderText> {
    // The library permits tabs and every byte of UTF-8.
    if !value.bytes().all(|byte| matches!(byte, b' '..=b'~')) || value.trim() != value {
        return Err(InvalidHeaderText);
    }
    HeaderValue::from_str(value).map_err(|_| InvalidHeaderText)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
    use url::Url;

    use super::*;

    fn url_with(segment: &str, query: &str) -> Url {
        format!("https://api.example.com/tickets/{segment}/notes?id={query}&all=0").parse().unwrap()
    }

    #[test]
    fn values_are_encoded() {
        for (value, expected) in [
            ("T-1_a.b~c", "T-1_a.b~c"),
            ("../admin", "..%2Fadmin"),
            ("a/b?c=d#e;f", "a%2Fb%3Fc%3Dd%23e%3Bf"),
            ("..\\admin", "..%5Cadmin"),
            ("%2e%2e", "%252e%252e"),
            ("a b+c", "a%20b%2Bc"),
            ("ö\r\n\0", "%C3%B6%0D%0A%00"),
            ("...", "..."),
        ] {
            assert_eq!(path_segment(value).as_deref(), Ok(expected));
            assert_eq!(query_component(value), expected);
        }
    }

    #[test]
    fn a_segment_cannot_change_the_path_around_it() {
        assert_eq!(path_segment(""), Err(InvalidSegment::Empty));
        assert_eq!(path_segment("."), Err(InvalidSegment::Dots));
        assert_eq!(path_segment(".."), Err(InvalidSegment::Dots));
    }

    proptest! {
        #[test]
        fn values_stay_where_they_were_put(value: String, query: String) {
            let Ok(segment) = path_segment(&value) else {
                return Ok(());
            };
            let url = url_with(&segment, &query_component(&query));
            prop_assert_eq!(url.host_str(), Some("api.example.com"));
            let segments: Vec<&str> = url.path_segments().unwrap().collect();
            prop_assert_eq!(segments, ["tickets", &segment, "notes"]);
            let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
            prop_assert_eq!(pairs, [("id".to_owned(), query), ("all".to_owned(), "0".to_owned())]);
            let decoded = percent_encoding::percent_decode_str(&segment).decode_utf8().unwrap();
            prop_assert_eq!(decoded, value);
        }

        #[test]
        fn headers_have_visible_ascii_alone(value: String) {
            let visible = value.bytes().all(|byte| matches!(byte, b' '..=b'~')) && value.trim() == value;
            prop_assert!(header_value(&value).is_ok() == visible);
        }
    }

    #[test]
    fn control_characters_cannot_be_in_headers() {
        for value in [" KP", "KP ", "a\r\nx-admin: 1", "a\nb", "a\tb", "a\0", "\u{7f}", "ö", "\u{2028}"] {
            assert_eq!(header_value(value), Err(InvalidHeaderText), "{value:?}");
        }
        assert_eq!(header_value("Bearer abc; v=\"1\"").unwrap(), "Bearer abc; v=\"1\"");
    }
}
